package org.springframework.web.client;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URL;
import java.nio.charset.StandardCharsets;

public final class RestClient {
    public static RestClient create() {
        return new RestClient();
    }

    public Request get() {
        return new Request();
    }

    public static final class Request {
        private String address;

        public Request uri(String uri, Object... variables) {
            address = uri;
            return this;
        }

        public Request retrieve() {
            return this;
        }

        public <T> T body(Class<T> type) {
            try (InputStream stream = new URL(address).openStream()) {
                return type.cast(new Json(new String(stream.readAllBytes(), StandardCharsets.UTF_8)).value());
            } catch (IOException error) {
                throw new UncheckedIOException(error);
            }
        }
    }
}
