package com.nimbusds.jwt.proc;

import com.nimbusds.jose.proc.JOSEObjectTypeVerifier;
import com.nimbusds.jose.proc.SecurityContext;

public interface ConfigurableJWTProcessor<C extends SecurityContext> {
    void setJWSTypeVerifier(JOSEObjectTypeVerifier<C> verifier);
}
