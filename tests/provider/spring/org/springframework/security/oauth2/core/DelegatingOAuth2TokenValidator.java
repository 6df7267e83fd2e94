package org.springframework.security.oauth2.core;

public final class DelegatingOAuth2TokenValidator<T> implements OAuth2TokenValidator<T> {
    private final OAuth2TokenValidator<T>[] validators;

    @SafeVarargs
    public DelegatingOAuth2TokenValidator(OAuth2TokenValidator<T>... validators) {
        this.validators = validators;
    }

    @Override
    public void validate(T token) {
        for (OAuth2TokenValidator<T> validator : validators) {
            validator.validate(token);
        }
    }
}
