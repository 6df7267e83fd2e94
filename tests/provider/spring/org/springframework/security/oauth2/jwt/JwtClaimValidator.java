package org.springframework.security.oauth2.jwt;

import java.util.function.Predicate;
import org.springframework.security.oauth2.core.OAuth2TokenValidator;

public final class JwtClaimValidator<T> implements OAuth2TokenValidator<Jwt> {
    private final String claim;
    private final Predicate<T> test;

    public JwtClaimValidator(String claim, Predicate<T> test) {
        this.claim = claim;
        this.test = test;
    }

    @Override
    @SuppressWarnings("unchecked")
    public void validate(Jwt token) {
        if (!test.test((T) token.claim(claim))) {
            throw new IllegalArgumentException("The " + claim + " claim is not valid");
        }
    }
}
