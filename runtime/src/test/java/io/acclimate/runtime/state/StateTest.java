package io.acclimate.runtime.state;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.DType;
import io.acclimate.runtime.SeedTree;
import io.acclimate.runtime.Tensor;
import java.nio.file.Path;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.apache.commons.rng.RestorableUniformRandomProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StateTest {
  @TempDir Path folder;

  /** Has an entry of every kind, and a child. */
  private static final class Walker implements Stateful {
    private final RestorableUniformRandomProvider random;
    private final double[] position = new double[2];
    private final float[] trail = {Float.NaN, -0f};
    private long steps;
    private int turns;
    private double sum;
    private String mood = "";
    private Tensor mask = Tensor.allocate(DType.BOOL, 2, 2);
    private Walker inner;

    Walker(long seed, boolean outer) {
      random = SeedTree.of(seed).generator();
      inner = outer ? new Walker(seed + 1, false) : null;
    }

    void walk() {
      for (int i = 0; i < position.length; i++) {
        position[i] += random.nextDouble();
      }
      turns += random.nextBoolean() ? 1 : 0;
      sum += position[0];
      mood = "after " + ++steps;
      mask.bytes().put((int) (steps % 4), (byte) 1);
      if (inner != null) {
        inner.walk();
      }
    }

    @Override
    public void save(StateWriter out) {
      out.putDoubles("position", position);
      out.putFloats("trail", trail);
      out.putInts("pair", new int[] {turns, 1});
      out.putLongs("history", new long[] {steps, steps + 1});
      out.putLong("steps", steps);
      out.putInt("turns", turns);
      out.putDouble("sum", sum);
      out.putText("mood", mood);
      out.putTensor("mask", mask);
      out.putRandom("random", random);
      if (inner != null) {
        out.put("inner", inner);
      }
    }

    @Override
    public void load(StateReader in) {
      System.arraycopy(in.getDoubles("position", 2), 0, position, 0, 2);
      System.arraycopy(in.getFloats("trail", 2), 0, trail, 0, 2);
      turns = in.getInts("pair", 2)[0];
      steps = in.getLongs("history", 2)[0];
      steps = in.getLong("steps");
      turns = in.getInt("turns");
      sum = in.getDouble("sum");
      mood = in.getText("mood");
      mask = in.getTensor("mask", DType.BOOL, 2, 2);
      in.getRandom("random", random);
      if (inner != null) {
        in.get("inner", inner);
      }
    }
  }

  private static Walker walked(int steps) {
    Walker walker = new Walker(1, true);
    for (int i = 0; i < steps; i++) {
      walker.walk();
    }
    return walker;
  }

  @Test
  void savingAndGoingOnIsTheSameAsNeverStopping() {
    Walker stopped = walked(5);
    Path file = folder.resolve("walker.state");
    State.of(stopped).write(file);
    Walker resumed = new Walker(99, true);
    State.read(file).restore(resumed);
    assertEquals(State.of(stopped), State.of(resumed));
    for (int i = 0; i < 20; i++) {
      resumed.walk();
    }
    assertEquals(State.of(walked(25)).sha256(), State.of(resumed).sha256());
  }

  @Test
  void aStateIsASnapshot() {
    Walker walker = walked(3);
    State state = State.of(walker);
    String hash = state.sha256();
    walker.walk();
    assertEquals(hash, state.sha256());
    assertNotEquals(state, State.of(walker));
    new StateReader(state).getTensor("mask").bytes().put(0, (byte) 9);
    assertEquals(hash, state.sha256());
  }

  @Test
  void equalContentsGiveEqualBytesInWhateverOrderTheyWerePut() {
    State one =
        State.of(
            stateful(
                out -> {
                  out.putInt("a", 1);
                  out.child("b").putText("c", "x");
                  out.putDouble("d", 2);
                }));
    State other =
        State.of(
            stateful(
                out -> {
                  out.putDouble("d", 2);
                  out.putText("b/c", "x");
                  out.putInt("a", 1);
                }));
    assertArrayEquals(one.toBytes(), other.toBytes());
    assertEquals(one, State.fromBytes(one.toBytes()));
    assertEquals(one.hashCode(), other.hashCode());
    assertEquals(12, one.tensorBytes());
    StateReader reader = new StateReader(one);
    assertEquals(Set.of("a", "b/c", "d"), reader.keys());
    assertEquals(Set.of("c"), reader.child("b").keys());
    assertTrue(reader.child("b").has("c"));
  }

  @Test
  void anyFlippedBitIsFound() {
    byte[] bytes = State.of(walked(2)).toBytes();
    for (int at = 0; at < bytes.length; at += 11) {
      byte[] damaged = bytes.clone();
      damaged[at] ^= 4;
      assertThrows(AcclimateException.class, () -> State.fromBytes(damaged), "byte " + at);
    }
  }

  @Test
  void refusesFilesThatHoldNoState() throws Exception {
    Path other = Path.of(getClass().getResource("/safetensors/mixed.safetensors").toURI());
    AcclimateException error = assertThrows(AcclimateException.class, () -> State.read(other));
    assertTrue(error.getMessage().endsWith("version 1, found no state"), error.getMessage());
    assertTrue(error.getMessage().startsWith(other.toString()), error.getMessage());
  }

  @Test
  void whatDoesNotFitChangesNothing() {
    assertRefused("inner/steps", "expected INT64[], found nothing", out -> {});
    assertRefused("steps", "expected INT64[], found INT32[]", out -> out.putInt("steps", 1));
    assertRefused(
        "position",
        "FLOAT64[2], found FLOAT64[3]",
        out -> out.putDoubles("position", new double[3]));
    assertRefused("mood", "expected a text, found INT32[]", out -> out.putInt("mood", 1));
    assertRefused("sum", "found a text", out -> out.putText("sum", "1"));
    assertRefused(
        "inner/random",
        "found 3 bytes that are not",
        out -> out.putTensor("inner/random", Tensor.allocate(DType.UINT8, 3)));
    assertRefused("unheard", "expected no such entry", out -> out.putInt("unheard", 1));
  }

  /** Takes one entry out of a sound state, puts another in its place, and tries to restore it. */
  private static void assertRefused(String key, String message, Consumer<StateWriter> instead) {
    Walker walker = walked(4);
    State before = State.of(walker);
    SortedMap<String, Tensor> tensors = new TreeMap<>(State.of(walked(7)).tensors());
    SortedMap<String, String> texts = new TreeMap<>(State.of(walked(7)).texts());
    tensors.remove(key);
    texts.remove(key);
    StateWriter writer = new StateWriter();
    instead.accept(writer);
    tensors.putAll(writer.toState().tensors());
    texts.putAll(writer.toState().texts());
    AcclimateException error =
        assertThrows(AcclimateException.class, () -> new State(tensors, texts).restore(walker));
    assertTrue(error.getMessage().startsWith("state entry '" + key + "'"), error.getMessage());
    assertTrue(error.getMessage().contains(message), error.getMessage());
    assertEquals(before, State.of(walker));
  }

  @Test
  void keysArePutOnceAndMayNotLookLikeTheFilesOwn() {
    StateWriter writer = new StateWriter();
    writer.putInt("a", 1);
    assertThrows(IllegalArgumentException.class, () -> writer.putText("a", "x"));
    assertThrows(IllegalArgumentException.class, () -> writer.putText("", "x"));
    assertThrows(IllegalArgumentException.class, () -> writer.putText("__sha256__", "x"));
  }

  private static Stateful stateful(Consumer<StateWriter> save) {
    return new Stateful() {
      @Override
      public void save(StateWriter out) {
        save.accept(out);
      }

      @Override
      public void load(StateReader in) {
        throw new AssertionError("not read in this test");
      }
    };
  }
}
