package com.nimbusds.jose.proc;

import com.nimbusds.jose.JOSEObjectType;
import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

public final class DefaultJOSEObjectTypeVerifier<C extends SecurityContext> implements JOSEObjectTypeVerifier<C> {
    private final Set<String> names;

    public DefaultJOSEObjectTypeVerifier(JOSEObjectType... allowed) {
        names = Arrays.stream(allowed).map(each -> each.type().toLowerCase(Locale.ROOT)).collect(Collectors.toSet());
    }

    /** The types that are allowed, in lower case. */
    public Set<String> names() {
        return names;
    }
}
