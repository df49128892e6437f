package io.acclimate.actors.serve;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.acclimate.actors.Prediction;
import io.acclimate.actors.serve.InferenceRequest.Wanted;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.OptionalInt;

/**
 * The answer to a request for inference as the protocol has it.
 *
 * @param body JSON, and after it the raw values of binary outputs
 * @param jsonBytes how long the JSON is; empty when there are no binary outputs
 */
record InferenceAnswer(byte[] body, OptionalInt jsonBytes) {
  private static final JsonFactory JSON = new JsonFactory();

  static InferenceAnswer of(ModelFace model, InferenceRequest request, Prediction prediction) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (JsonGenerator json = JSON.createGenerator(out)) {
      writeJson(json, model, request, prediction);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    int jsonBytes = out.size();
    List<Wanted> binary = request.outputs().stream().filter(Wanted::binary).toList();
    if (binary.isEmpty()) {
      return new InferenceAnswer(out.toByteArray(), OptionalInt.empty());
    }
    binary.forEach(wanted -> out.writeBytes(raw(wanted.output(), prediction)));
    return new InferenceAnswer(out.toByteArray(), OptionalInt.of(jsonBytes));
  }

  private static byte[] raw(AnswerOutput output, Prediction prediction) {
    ByteBuffer bytes = ByteBuffer.allocate(output.bytes(prediction));
    output.writeBinary(prediction, bytes.order(ByteOrder.LITTLE_ENDIAN));
    return bytes.array();
  }

  private static void writeJson(
      JsonGenerator json, ModelFace model, InferenceRequest request, Prediction prediction)
      throws IOException {
    json.writeStartObject();
    json.writeStringField("model_name", model.name());
    json.writeStringField("model_version", model.version());
    if (request.id().isPresent()) {
      json.writeStringField("id", request.id().get());
    }
    json.writeObjectFieldStart("parameters");
    json.writeStringField("stream", prediction.stream());
    json.writeStringField("prediction_id", prediction.predictionId());
    json.writeStringField("method", prediction.method());
    json.writeBooleanField("learn", request.learn());
    if (prediction.adapter().isPresent()) {
      json.writeStringField("adapter", prediction.adapter().get().ref().toString());
      json.writeNumberField("bank_version", prediction.adapter().get().bankVersion());
    }
    if (prediction.fallback().isPresent()) {
      json.writeStringField("fallback", prediction.fallback().get());
    }
    json.writeNumberField("total_micros", prediction.timings().totalNanos() / 1000);
    json.writeEndObject();
    json.writeArrayFieldStart("outputs");
    for (Wanted wanted : request.outputs()) {
      writeOutput(json, wanted, prediction);
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  private static void writeOutput(JsonGenerator json, Wanted wanted, Prediction prediction)
      throws IOException {
    AnswerOutput output = wanted.output();
    json.writeStartObject();
    json.writeStringField("name", output.protocolName());
    json.writeStringField("datatype", output.datatype());
    json.writeArrayFieldStart("shape");
    for (int dim : output.shape(prediction)) {
      json.writeNumber(dim);
    }
    json.writeEndArray();
    if (wanted.binary()) {
      json.writeObjectFieldStart("parameters");
      json.writeNumberField("binary_data_size", output.bytes(prediction));
      json.writeEndObject();
    } else {
      json.writeArrayFieldStart("data");
      output.writeJson(prediction, json);
      json.writeEndArray();
    }
    json.writeEndObject();
  }
}
