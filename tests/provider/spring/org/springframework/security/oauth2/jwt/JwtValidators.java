package org.springframework.security.oauth2.jwt;

import org.springframework.security.oauth2.core.DelegatingOAuth2TokenValidator;
import org.springframework.security.oauth2.core.OAuth2TokenValidator;

public final class JwtValidators {
    public static OAuth2TokenValidator<Jwt> createDefaultWithIssuer(String issuer) {
        return new DelegatingOAuth2TokenValidator<>(new JwtTimestampValidator(), new JwtIssuerValidator(issuer));
    }
}
