package org.springframework.security.oauth2.server.resource.authentication;

import java.util.Collection;
import org.springframework.security.oauth2.jwt.Jwt;

public final class JwtAuthenticationConverter {
    private JwtGrantedAuthoritiesConverter converter = new JwtGrantedAuthoritiesConverter();

    public void setJwtGrantedAuthoritiesConverter(JwtGrantedAuthoritiesConverter converter) {
        this.converter = converter;
    }

    /** What the bearer of the token is granted. */
    public Collection<String> authorities(Jwt token) {
        return converter.convert(token);
    }
}
