package org.springframework.security.oauth2.core;

@FunctionalInterface
public interface OAuth2TokenValidator<T> {
    /** Throw if the token is refused; the real one returns a result. */
    void validate(T token);
}
