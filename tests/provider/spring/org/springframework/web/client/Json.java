package org.springframework.web.client;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads JSON, of which Java brings no parser. */
public final class Json {
    private static final Pattern PIECE =
            Pattern.compile("\\s*([\\[\\]{}:,]|\"((?:[^\"\\\\]|\\\\.)*)\"|[^\\s\\[\\]{}:,\"]+)\\s*");
    private final Matcher pieces;

    public Json(String text) {
        pieces = PIECE.matcher(text);
        pieces.find();
    }

    public Object value() {
        String piece = pieces.group(1);
        String text = pieces.group(2);
        pieces.find();
        if (piece.equals("{")) {
            return object();
        }
        if (piece.equals("[")) {
            return list();
        }
        if (text != null) {
            return text.replace("\\/", "/");
        }
        return piece.matches("-?\\d+") ? (Object) Long.valueOf(piece) : piece;
    }

    private Map<String, Object> object() {
        Map<String, Object> members = new LinkedHashMap<>();
        while (!pieces.group(1).equals("}")) {
            String name = (String) value();
            pieces.find(); // the colon
            members.put(name, value());
            comma();
        }
        pieces.find();
        return members;
    }

    private List<Object> list() {
        List<Object> entries = new ArrayList<>();
        while (!pieces.group(1).equals("]")) {
            entries.add(value());
            comma();
        }
        pieces.find();
        return entries;
    }

    private void comma() {
        if (pieces.group(1).equals(",")) {
            pieces.find();
        }
    }
}
