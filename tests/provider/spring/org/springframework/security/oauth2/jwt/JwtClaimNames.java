package org.springframework.security.oauth2.jwt;

public final class JwtClaimNames {
    public static final String AUD = "aud";
}
