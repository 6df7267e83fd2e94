package org.springframework.security.oauth2.jwt;

import java.time.Instant;
import org.springframework.security.oauth2.core.OAuth2TokenValidator;

public final class JwtTimestampValidator implements OAuth2TokenValidator<Jwt> {
    @Override
    public void validate(Jwt token) {
        if (((Number) token.claim("exp")).longValue() + 60 < Instant.now().getEpochSecond()) {
            throw new IllegalArgumentException("Jwt expired");
        }
    }
}
