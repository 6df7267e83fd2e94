package org.springframework.security.config.annotation.web.builders;

import java.util.Collection;
import java.util.List;
import java.util.function.Predicate;
import org.springframework.security.config.Customizer;
import org.springframework.security.oauth2.server.resource.authentication.JwtAuthenticationConverter;
import org.springframework.security.web.DefaultSecurityFilterChain;

public final class HttpSecurity {
    private Predicate<Collection<String>> rule = granted -> false;
    private JwtAuthenticationConverter converter = new JwtAuthenticationConverter();

    public HttpSecurity authorizeHttpRequests(Customizer<Requests> customizer) {
        customizer.customize(new Requests());
        return this;
    }

    public HttpSecurity oauth2ResourceServer(Customizer<ResourceServer> customizer) {
        customizer.customize(new ResourceServer());
        return this;
    }

    public DefaultSecurityFilterChain build() throws Exception {
        return token -> rule.test(converter.authorities(token));
    }

    public final class Requests {
        public Authorized anyRequest() {
            return new Authorized();
        }
    }

    public final class Authorized {
        public Requests hasAnyAuthority(String... authorities) {
            rule = granted -> List.of(authorities).stream().anyMatch(granted::contains);
            return new Requests();
        }

        public Requests authenticated() {
            rule = granted -> true;
            return new Requests();
        }
    }

    public final class ResourceServer {
        public ResourceServer jwt(Customizer<JwtConfigurer> customizer) {
            customizer.customize(new JwtConfigurer());
            return this;
        }
    }

    public final class JwtConfigurer {
        public JwtConfigurer jwtAuthenticationConverter(JwtAuthenticationConverter chosen) {
            converter = chosen;
            return this;
        }
    }
}
