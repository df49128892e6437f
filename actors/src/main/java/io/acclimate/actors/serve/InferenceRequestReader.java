package io.acclimate.actors.serve;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import io.acclimate.actors.serve.InferenceRequest.Wanted;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.TensorSpec;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * Reads requests for inference, in JSON or with the binary extension, value by value: a request
 * costs little more memory than its tensor. Safe to share.
 */
final class InferenceRequestReader {
  /** Features of other servers that would change the answer; ignoring them would be wrong. */
  private static final Set<String> UNSUPPORTED =
      Set.of("sequence_id", "shared_memory_region", "classification");

  private static final int MAX_TEXT = 64 * 1024;
  private static final int MAX_NAME = 256;
  private static final int MAX_RANK = 16;

  private final TensorSpec spec;
  private final JsonFactory json;

  InferenceRequestReader(TensorSpec spec, int jsonDepth) {
    this.spec = spec;
    this.json = factory(jsonDepth);
  }

  /** A factory of parsers that refuse what no honest request holds. */
  static JsonFactory factory(int jsonDepth) {
    StreamReadConstraints constraints =
        StreamReadConstraints.builder()
            .maxNestingDepth(jsonDepth)
            .maxStringLength(MAX_TEXT)
            .maxNameLength(MAX_NAME)
            .maxNumberLength(MAX_NAME)
            .build();
    return JsonFactory.builder().streamReadConstraints(constraints).build();
  }

  /**
   * Reads a request.
   *
   * @param headerBytes where the JSON ends and raw bytes follow; empty when all of it is JSON
   * @throws AcclimateException when the request is not as the protocol and the model want it
   */
  InferenceRequest read(byte[] body, OptionalInt headerBytes) {
    int jsonBytes = headerBytes.orElse(body.length);
    if (jsonBytes < 0 || jsonBytes > body.length) {
      throw new AcclimateException(
          "Inference-Header-Content-Length: expected at most %d, found %d"
              .formatted(body.length, jsonBytes));
    }
    try (JsonParser parser = json.createParser(body, 0, jsonBytes)) {
      return new Reading(parser, body, jsonBytes).request();
    } catch (IOException e) {
      throw new AcclimateException("request: " + JsonProblems.describe(e), e);
    }
  }

  /** One request being read. */
  private final class Reading {
    private final JsonParser parser;
    private final byte[] body;
    private final int jsonBytes;
    private Optional<String> id = Optional.empty();
    private Optional<String> stream = Optional.empty();
    private boolean learn = true;
    private boolean binaryByDefault;
    private Tensor input;
    private List<OutputWish> wishes;

    private record OutputWish(AnswerOutput output, Optional<Boolean> binary) {}

    Reading(JsonParser parser, byte[] body, int jsonBytes) {
      this.parser = parser;
      this.body = body;
      this.jsonBytes = jsonBytes;
    }

    InferenceRequest request() throws IOException {
      expect(parser.nextToken(), JsonToken.START_OBJECT, "the request");
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String field = parser.currentName();
        JsonToken value = parser.nextToken();
        switch (field) {
          case "id" -> id = Optional.of(text("id"));
          case "parameters" -> parameters(value);
          case "inputs" -> inputs(value);
          case "outputs" -> outputs(value);
          default -> parser.skipChildren();
        }
      }
      if (parser.nextToken() != null) {
        throw new AcclimateException("request: expected one JSON object, found more after it");
      }
      if (input == null) {
        throw new AcclimateException("request: expected inputs, found none");
      }
      return new InferenceRequest(id, stream, learn, input, wanted());
    }

    private List<Wanted> wanted() {
      if (wishes == null || wishes.isEmpty()) {
        return Arrays.stream(AnswerOutput.values())
            .map(output -> new Wanted(output, binaryByDefault))
            .toList();
      }
      return wishes.stream()
          .map(wish -> new Wanted(wish.output(), wish.binary().orElse(binaryByDefault)))
          .toList();
    }

    private void parameters(JsonToken value) throws IOException {
      expect(value, JsonToken.START_OBJECT, "parameters");
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String name = parser.currentName();
        parser.nextToken();
        refuseUnsupported(name);
        switch (name) {
          case "stream" -> stream = Optional.of(text("parameters.stream"));
          case "learn" -> learn = flag("parameters.learn");
          case "binary_data_output" -> binaryByDefault = flag("parameters.binary_data_output");
          default -> parser.skipChildren();
        }
      }
    }

    private void inputs(JsonToken value) throws IOException {
      expect(value, JsonToken.START_ARRAY, "inputs");
      while (parser.nextToken() != JsonToken.END_ARRAY) {
        if (input != null) {
          throw new AcclimateException(
              "inputs: expected one, '%s', found more".formatted(spec.name()));
        }
        expect(parser.currentToken(), JsonToken.START_OBJECT, "an input");
        input = input();
      }
    }

    private Tensor input() throws IOException {
      String name = "";
      String datatype = "";
      long[] shape = null;
      FloatValues values = null;
      OptionalInt rawBytes = OptionalInt.empty();
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String field = parser.currentName();
        JsonToken value = parser.nextToken();
        switch (field) {
          case "name" -> name = text("an input's name");
          case "datatype" -> datatype = text("an input's datatype");
          case "shape" -> shape = shape(value);
          case "data" -> values = data(value);
          case "parameters" -> rawBytes = rawBytes(value);
          default -> parser.skipChildren();
        }
      }
      requireInput(name, datatype, shape);
      if (rawBytes.isPresent() == (values != null)) {
        throw new AcclimateException(
            "input %s: expected either data or parameters.binary_data_size".formatted(name));
      }
      return values == null ? raw(rawBytes.getAsInt(), shape) : values.toTensor(shape);
    }

    private void requireInput(String name, String datatype, long[] shape) {
      if (!name.equals(spec.name())) {
        throw new AcclimateException("inputs: expected '%s', found another".formatted(spec.name()));
      }
      if (!datatype.equals("FP32")) {
        throw new AcclimateException(
            "input %s: expected datatype FP32, found another".formatted(name));
      }
      if (shape == null || !spec.accepts(shape)) {
        throw new AcclimateException(
            "input %s: expected shape %s, found %s"
                .formatted(name, spec.shapeText(), Arrays.toString(shape)));
      }
    }

    private long[] shape(JsonToken value) throws IOException {
      expect(value, JsonToken.START_ARRAY, "shape");
      List<Long> dims = new ArrayList<>();
      while (parser.nextToken() != JsonToken.END_ARRAY) {
        expect(parser.currentToken(), JsonToken.VALUE_NUMBER_INT, "a dimension");
        dims.add(parser.getLongValue());
        if (dims.size() > MAX_RANK) {
          throw new AcclimateException(
              "shape: expected at most %d dimensions, found more".formatted(MAX_RANK));
        }
      }
      return dims.stream().mapToLong(Long::longValue).toArray();
    }

    /** Values row by row; whether they stand in inner arrays makes no difference. */
    private FloatValues data(JsonToken value) throws IOException {
      expect(value, JsonToken.START_ARRAY, "data");
      FloatValues values = new FloatValues();
      for (int open = 1; open > 0; ) {
        JsonToken token = parser.nextToken();
        if (token == JsonToken.START_ARRAY) {
          open++;
        } else if (token == JsonToken.END_ARRAY) {
          open--;
        } else if (token != null && token.isNumeric()) {
          values.add(parser.getFloatValue());
        } else {
          throw new AcclimateException("data: expected numbers, found " + token);
        }
      }
      return values;
    }

    private OptionalInt rawBytes(JsonToken value) throws IOException {
      expect(value, JsonToken.START_OBJECT, "an input's parameters");
      OptionalInt size = OptionalInt.empty();
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String name = parser.currentName();
        parser.nextToken();
        refuseUnsupported(name);
        if (name.equals("binary_data_size")) {
          expect(parser.currentToken(), JsonToken.VALUE_NUMBER_INT, name);
          size = OptionalInt.of(parser.getIntValue());
        } else {
          parser.skipChildren();
        }
      }
      return size;
    }

    private Tensor raw(int size, long[] shape) {
      int found = body.length - jsonBytes;
      long expected = Math.multiplyExact(Tensor.elements(shape), (long) Float.BYTES);
      if (size != found || expected != found) {
        throw new AcclimateException(
            "input %s: expected %d bytes after the JSON, found %d, and binary_data_size %d"
                .formatted(spec.name(), expected, found, size));
      }
      return FloatValues.littleEndian(body, jsonBytes, shape);
    }

    private void outputs(JsonToken value) throws IOException {
      expect(value, JsonToken.START_ARRAY, "outputs");
      wishes = new ArrayList<>();
      while (parser.nextToken() != JsonToken.END_ARRAY) {
        expect(parser.currentToken(), JsonToken.START_OBJECT, "an output");
        wishes.add(output());
        if (wishes.size() > AnswerOutput.values().length) {
          throw new AcclimateException("outputs: expected each at most once");
        }
      }
    }

    private OutputWish output() throws IOException {
      String name = "";
      Optional<Boolean> binary = Optional.empty();
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String field = parser.currentName();
        JsonToken value = parser.nextToken();
        switch (field) {
          case "name" -> name = text("an output's name");
          case "parameters" -> binary = binaryData(value);
          default -> parser.skipChildren();
        }
      }
      AnswerOutput output =
          AnswerOutput.named(name)
              .orElseThrow(
                  () ->
                      new AcclimateException(
                          "outputs: expected probabilities, labels or frozen_labels, found"
                              + " another"));
      return new OutputWish(output, binary);
    }

    private Optional<Boolean> binaryData(JsonToken value) throws IOException {
      expect(value, JsonToken.START_OBJECT, "an output's parameters");
      Optional<Boolean> binary = Optional.empty();
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String name = parser.currentName();
        parser.nextToken();
        refuseUnsupported(name);
        if (name.equals("binary_data")) {
          binary = Optional.of(flag(name));
        } else {
          parser.skipChildren();
        }
      }
      return binary;
    }

    private void refuseUnsupported(String parameter) throws IOException {
      boolean asked = !(parameter.equals("classification") && parser.getValueAsInt() == 0);
      if (UNSUPPORTED.contains(parameter) && asked) {
        throw new AcclimateException("parameter " + parameter + " is not supported");
      }
    }

    private String text(String what) throws IOException {
      expect(parser.currentToken(), JsonToken.VALUE_STRING, what);
      return parser.getText();
    }

    private boolean flag(String what) throws IOException {
      JsonToken token = parser.currentToken();
      if (token != JsonToken.VALUE_TRUE && token != JsonToken.VALUE_FALSE) {
        throw new AcclimateException(what + ": expected true or false, found " + token);
      }
      return token == JsonToken.VALUE_TRUE;
    }

    private void expect(JsonToken found, JsonToken expected, String what) {
      if (found != expected) {
        throw new AcclimateException("%s: expected %s, found %s".formatted(what, expected, found));
      }
    }
  }
}
