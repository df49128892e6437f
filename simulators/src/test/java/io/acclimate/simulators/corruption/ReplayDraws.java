package io.acclimate.simulators.corruption;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Recorded draws in their order; fails when asked for another distribution than was recorded. */
final class ReplayDraws implements Draws {
  private static final String NUMBER = "(-?[0-9.e-]+)";
  private static final Pattern RANGE = Pattern.compile("\\(" + NUMBER + ", " + NUMBER);
  private static final Pattern MEAN = Pattern.compile("'loc': " + NUMBER);
  private static final Pattern DEVIATION = Pattern.compile("'scale': " + NUMBER);

  private record Draw(String function, String arguments, double value) {}

  private final Deque<Draw> draws = new ArrayDeque<>();

  ReplayDraws(JsonNode recorded) {
    for (JsonNode draw : recorded) {
      flatten(draw.get("fn").textValue(), draw.get("args").textValue(), draw.get("value"));
    }
  }

  private void flatten(String function, String arguments, JsonNode value) {
    if (value.isArray()) {
      value.forEach(part -> flatten(function, arguments, part));
    } else {
      draws.add(new Draw(function, arguments, value.doubleValue()));
    }
  }

  @Override
  public double gaussian(double mean, double deviation) {
    Draw draw = next("normal");
    Matcher recordedMean = MEAN.matcher(draw.arguments);
    assertEquals(recordedMean.find() ? Double.parseDouble(recordedMean.group(1)) : 0, mean, 1e-12);
    Matcher recordedDeviation = DEVIATION.matcher(draw.arguments);
    assertTrue(recordedDeviation.find());
    assertEquals(Double.parseDouble(recordedDeviation.group(1)), deviation, 1e-12);
    return draw.value;
  }

  @Override
  public double uniform(double low, double high) {
    Draw draw = next("uniform");
    assertRange(draw, low, high);
    return draw.value;
  }

  @Override
  public int integer(int low, int high) {
    Draw draw = next("randint");
    assertRange(draw, low, high);
    return (int) draw.value;
  }

  @Override
  public int poisson(double mean) {
    throw new AssertionError("No Poisson draw was recorded");
  }

  void assertAllUsed() {
    assertTrue(draws.isEmpty(), () -> draws.size() + " recorded draws were not used");
  }

  private Draw next(String function) {
    assertFalse(draws.isEmpty(), () -> "More draws of " + function + " than were recorded");
    Draw draw = draws.remove();
    assertEquals(draw.function, function);
    return draw;
  }

  private static void assertRange(Draw draw, double low, double high) {
    Matcher range = RANGE.matcher(draw.arguments);
    assertTrue(range.find(), draw.arguments);
    assertEquals(Double.parseDouble(range.group(1)), low, 1e-9);
    assertEquals(Double.parseDouble(range.group(2)), high, 1e-9);
  }
}
