package com.nimbusds.jose;

public record JOSEObjectType(String type) {
    public static final JOSEObjectType JWT = new JOSEObjectType("JWT");
}
