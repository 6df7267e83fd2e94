package org.springframework.security.oauth2.jwt;

import java.util.List;
import java.util.Map;

public record Jwt(Map<String, Object> claims) {
    public Object claim(String name) {
        Object value = claims.get(name);
        return name.equals(JwtClaimNames.AUD) && value instanceof String ? List.of(value) : value;
    }
}
