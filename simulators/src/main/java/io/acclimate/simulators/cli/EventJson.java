package io.acclimate.simulators.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.acclimate.replay.codec.JournalRecord;
import io.acclimate.replay.event.FloatArray;
import io.acclimate.replay.event.RecordsOmitted;
import java.lang.reflect.RecordComponent;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Shows records of a journal as JSON: sequence, time, kind, then the fields of the event. */
final class EventJson {
  private static final ObjectMapper JSON = new ObjectMapper();

  private EventJson() {}

  /**
   * One record on one line.
   *
   * @param values whether the values of arrays are shown; else only their shapes
   */
  static String line(JournalRecord record, boolean values) {
    try {
      return JSON.writeValueAsString(fields(record, values));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("maps of plain values are always JSON", e);
    }
  }

  /** One record as a map; the contents of an expired one are withheld. */
  static Map<String, Object> fields(JournalRecord record, boolean values) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("sequence", record.sequence());
    fields.put("time", Instant.ofEpochMilli(record.timeMillis()).toString());
    if (record.expiresAtMillis() != JournalRecord.NEVER) {
      fields.put("expires", Instant.ofEpochMilli(record.expiresAtMillis()).toString());
    }
    Record event =
        record.isExpired(System.currentTimeMillis())
            ? new RecordsOmitted(record.sequence(), "expired", true)
            : (Record) record.event();
    fields.put("event", event.getClass().getSimpleName());
    for (RecordComponent component : event.getClass().getRecordComponents()) {
      Object value = value(component, event);
      if (value instanceof FloatArray array) {
        value = values ? Map.of("shape", array.shape(), "values", array.values()) : array.shape();
      }
      if (value instanceof byte[] bytes && !values) {
        value = bytes.length + " bytes";
      }
      if (value != null) {
        fields.put(component.getName(), value);
      }
    }
    return fields;
  }

  private static Object value(RecordComponent component, Record event) {
    try {
      Object value = component.getAccessor().invoke(event);
      return value instanceof Optional<?> optional ? optional.orElse(null) : value;
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("accessors of public records are public", e);
    }
  }
}
