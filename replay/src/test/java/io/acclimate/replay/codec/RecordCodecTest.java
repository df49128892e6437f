package io.acclimate.replay.codec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.acclimate.replay.event.BatchObserved;
import io.acclimate.replay.event.FloatArray;
import io.acclimate.replay.event.JournalEvent;
import io.acclimate.replay.event.RunStarted;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RecordCodecTest {
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void everyEventComesBack(boolean compress) {
    RecordCodec codec = new RecordCodec(compress);
    long sequence = 1L << 40;
    for (JournalEvent event : EventSamples.all()) {
      ByteBuffer bytes = codec.encode(sequence, 1000 + sequence, 77, event);
      int size = bytes.remaining();
      JournalRecord record = codec.decode(bytes);
      assertEquals(new JournalRecord(sequence, 1000 + sequence, 77, size, event), record);
      sequence++;
    }
  }

  @Test
  void everyKindOfEventHasACode() {
    Set<Class<?>> sampled =
        EventSamples.all().stream().map(Object::getClass).collect(Collectors.toSet());
    assertEquals(Set.of(JournalEvent.class.getPermittedSubclasses()), sampled);
  }

  @Test
  void compressionIsUsedWhereItHelps() {
    FloatArray zeros = FloatArray.of(new float[784], 1, 784);
    JournalEvent event =
        new BatchObserved(
            "s", 0, 1, true, new int[0], Optional.of(zeros), Optional.empty(), Optional.empty());
    RecordCodec codec = new RecordCodec(true);
    assertTrue(codec.encode(0, 0, 0, event).remaining() < 200);
    int tiny = codec.encode(0, 0, 0, new RunStarted("a", "b")).remaining();
    assertEquals(
        new RecordCodec(false).encode(0, 0, 0, new RunStarted("a", "b")).remaining(), tiny);
  }

  /** Whatever byte changes: the record is refused, never misread. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void everyFlippedBitIsFound(boolean compress) {
    RecordCodec codec = new RecordCodec(compress);
    ByteBuffer encoded = codec.encode(5, 6, 0, EventSamples.observed(3));
    byte[] bytes = Arrays.copyOf(encoded.array(), encoded.limit());
    for (int bit = 0; bit < Byte.SIZE * bytes.length; bit++) {
      bytes[bit / Byte.SIZE] ^= (byte) (1 << bit % Byte.SIZE);
      ByteBuffer changed = ByteBuffer.wrap(bytes);
      assertThrows(DamagedRecordException.class, () -> codec.decode(changed), "bit " + bit);
      bytes[bit / Byte.SIZE] ^= (byte) (1 << bit % Byte.SIZE);
    }
    assertEquals(5, codec.decode(ByteBuffer.wrap(bytes)).sequence());
  }

  @Test
  void everyCutIsFound() {
    RecordCodec codec = new RecordCodec(false);
    ByteBuffer encoded = codec.encode(5, 6, 0, EventSamples.observed(3));
    byte[] bytes = Arrays.copyOf(encoded.array(), encoded.limit());
    for (int length = 0; length < bytes.length; length++) {
      ByteBuffer cut = ByteBuffer.wrap(bytes, 0, length).slice();
      assertThrows(DamagedRecordException.class, () -> codec.decode(cut), "length " + length);
    }
  }

  @Test
  void aLaterVersionIsNamed() {
    RecordCodec codec = new RecordCodec(false);
    ByteBuffer bytes = codec.encode(5, 6, 0, EventSamples.observed(3));
    bytes.put(0, (byte) 2);
    DamagedRecordException refused =
        assertThrows(DamagedRecordException.class, () -> codec.decode(bytes));
    assertEquals("expected a record of version 1, found version 2", refused.getMessage());
  }

  /** The file holds records of version 1, each with its length before it, plain then compressed. */
  @Test
  void recordsOfVersion1StayReadable() throws IOException {
    RecordCodec codec = new RecordCodec(false);
    List<JournalEvent> found = new ArrayList<>();
    try (DataInputStream in =
        new DataInputStream(
            RecordCodecTest.class.getResourceAsStream("/journal/version-1.records"))) {
      while (in.available() > 0) {
        JournalRecord record = codec.decode(ByteBuffer.wrap(in.readNBytes(in.readInt())));
        assertEquals(found.size(), record.sequence());
        found.add(record.event());
      }
    }
    List<JournalEvent> expected = new ArrayList<>(EventSamples.stored());
    expected.addAll(EventSamples.stored());
    assertEquals(expected, found);
  }
}
