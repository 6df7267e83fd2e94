package org.springframework.security.oauth2.server.resource.authentication;

import java.util.Collection;
import java.util.List;
import org.springframework.security.oauth2.jwt.Jwt;

public final class JwtGrantedAuthoritiesConverter {
    private String prefix = "SCOPE_";
    private List<String> claims = List.of("scope", "scp");

    public void setAuthorityPrefix(String prefix) {
        this.prefix = prefix;
    }

    public void setAuthoritiesClaimName(String name) {
        claims = List.of(name);
    }

    Collection<String> convert(Jwt token) {
        for (String claim : claims) {
            Object value = token.claim(claim);
            Collection<?> granted = value instanceof String text ? List.of(text.split(" ")) : (Collection<?>) value;
            if (granted != null) {
                return granted.stream().map(each -> prefix + each).toList();
            }
        }
        return List.of();
    }
}
