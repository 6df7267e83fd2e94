package org.springframework.security.web;

import org.springframework.security.oauth2.jwt.Jwt;

public interface SecurityFilterChain {
    /** Tell whether a bearer of this token is let in. */
    boolean admits(Jwt token);
}
