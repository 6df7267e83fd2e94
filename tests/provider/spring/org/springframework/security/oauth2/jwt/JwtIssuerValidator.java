package org.springframework.security.oauth2.jwt;

import org.springframework.security.oauth2.core.OAuth2TokenValidator;

public final class JwtIssuerValidator implements OAuth2TokenValidator<Jwt> {
    private final String issuer;

    public JwtIssuerValidator(String issuer) {
        this.issuer = issuer;
    }

    @Override
    public void validate(Jwt token) {
        if (!issuer.equals(token.claim("iss"))) {
            throw new IllegalArgumentException("The iss claim is not valid");
        }
    }
}
