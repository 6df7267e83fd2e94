package org.springframework.security.oauth2.jwt;

import com.nimbusds.jose.proc.DefaultJOSEObjectTypeVerifier;
import com.nimbusds.jose.proc.JOSEObjectTypeVerifier;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jwt.proc.ConfigurableJWTProcessor;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPoint;
import java.security.spec.ECPublicKeySpec;
import java.security.spec.RSAPublicKeySpec;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.springframework.security.oauth2.core.OAuth2TokenValidator;
import org.springframework.security.oauth2.jose.jws.SignatureAlgorithm;
import org.springframework.web.client.Json;
import org.springframework.web.client.RestClient;

public final class NimbusJwtDecoder implements JwtDecoder {
    private final String keysUri;
    private final SignatureAlgorithm algorithm;
    private final Set<String> types;
    private OAuth2TokenValidator<Jwt> validator;

    private NimbusJwtDecoder(Builder builder) {
        keysUri = builder.keysUri;
        algorithm = builder.algorithm;
        types = builder.processor.types;
    }

    public static Builder withJwkSetUri(String uri) {
        return new Builder(uri);
    }

    public void setJwtValidator(OAuth2TokenValidator<Jwt> validator) {
        this.validator = validator;
    }

    @Override
    public Jwt decode(String token) {
        String[] parts = token.split("\\.");
        Map<?, ?> header = json(parts[0]);
        if (!algorithm.name().equals(header.get("alg"))) {
            throw new IllegalArgumentException("Signed JWT rejected: Another algorithm expected");
        }
        Object type = header.get("typ");
        if (type != null && !types.contains(String.valueOf(type).toLowerCase(Locale.ROOT))) {
            throw new IllegalArgumentException("JOSE header typ (type) " + type + " not allowed");
        }
        verify(header.get("kid"), parts);
        Map<String, Object> claims = new LinkedHashMap<>();
        json(parts[1]).forEach((name, value) -> claims.put((String) name, value));
        Jwt jwt = new Jwt(claims);
        validator.validate(jwt);
        return jwt;
    }

    private void verify(Object kid, String[] parts) {
        Map<?, ?> keys = RestClient.create().get().uri(keysUri).retrieve().body(Map.class);
        for (Object key : (List<?>) keys.get("keys")) {
            if (((Map<?, ?>) key).get("kid").equals(kid) && isSigned((Map<?, ?>) key, parts)) {
                return;
            }
        }
        throw new IllegalArgumentException("Signed JWT rejected: Invalid signature");
    }

    private static boolean isSigned(Map<?, ?> key, String[] parts) {
        try {
            boolean rsa = key.get("kty").equals("RSA");
            Signature signature = Signature.getInstance(rsa ? "SHA256withRSA" : "SHA256withECDSAinP1363Format");
            signature.initVerify(rsa ? rsa(key) : ellipticCurve(key));
            signature.update((parts[0] + "." + parts[1]).getBytes(StandardCharsets.US_ASCII));
            return signature.verify(octets(parts[2]));
        } catch (GeneralSecurityException error) {
            throw new IllegalStateException(error);
        }
    }

    private static PublicKey rsa(Map<?, ?> key) throws GeneralSecurityException {
        return KeyFactory.getInstance("RSA").generatePublic(new RSAPublicKeySpec(number(key, "n"), number(key, "e")));
    }

    private static PublicKey ellipticCurve(Map<?, ?> key) throws GeneralSecurityException {
        AlgorithmParameters curve = AlgorithmParameters.getInstance("EC");
        curve.init(new ECGenParameterSpec("secp256r1"));
        ECPoint point = new ECPoint(number(key, "x"), number(key, "y"));
        return KeyFactory.getInstance("EC")
                .generatePublic(new ECPublicKeySpec(point, curve.getParameterSpec(ECParameterSpec.class)));
    }

    private static BigInteger number(Map<?, ?> key, String name) {
        return new BigInteger(1, octets((String) key.get(name)));
    }

    private static byte[] octets(String text) {
        return Base64.getUrlDecoder().decode(text);
    }

    private static Map<?, ?> json(String part) {
        return (Map<?, ?>) new Json(new String(octets(part), StandardCharsets.UTF_8)).value();
    }

    public static final class Builder {
        private final String keysUri;
        private final Processor processor = new Processor();
        private SignatureAlgorithm algorithm = SignatureAlgorithm.RS256;

        private Builder(String keysUri) {
            this.keysUri = keysUri;
        }

        public Builder jwsAlgorithm(SignatureAlgorithm chosen) {
            algorithm = chosen;
            return this;
        }

        public Builder jwtProcessorCustomizer(Consumer<ConfigurableJWTProcessor<SecurityContext>> customizer) {
            customizer.accept(processor);
            return this;
        }

        public NimbusJwtDecoder build() {
            return new NimbusJwtDecoder(this);
        }
    }

    private static final class Processor implements ConfigurableJWTProcessor<SecurityContext> {
        private Set<String> types = Set.of("jwt");

        @Override
        public void setJWSTypeVerifier(JOSEObjectTypeVerifier<SecurityContext> verifier) {
            types = ((DefaultJOSEObjectTypeVerifier<SecurityContext>) verifier).names();
        }
    }
}
