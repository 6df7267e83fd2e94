package com.nimbusds.jose.proc;

public interface SecurityContext {}
