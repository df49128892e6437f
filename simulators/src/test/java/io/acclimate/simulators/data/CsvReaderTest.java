package io.acclimate.simulators.data;

import static io.acclimate.simulators.data.Refused.assertRefused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CsvReaderTest {
  @TempDir Path folder;

  @Test
  void readsFeaturesInTheOrderOfTheHeader() throws IOException {
    Path file = csv("width,label,height\n1.5,2,-3e2\n0,0,4\n\n7,2,8");
    FeatureDataset data = features(file);
    assertEquals(3, data.size());
    assertArrayEquals(new int[] {2}, data.sampleShape());
    assertArrayEquals(new int[] {2, 0, 2}, data.labels().toArray());
    assertEquals(List.of("0", "1", "2"), data.classNames());
    assertFalse(data.isImage());
    float[] target = new float[5];
    data.copySample(0, target, 0);
    data.copySample(2, target, 3);
    assertArrayEquals(new float[] {1.5f, -300, 0, 7, 8}, target);
    assertThrows(UnsupportedOperationException.class, () -> data.copyPixels(0, new byte[2], 0));
  }

  @Test
  void namesBecomeNumbersInSortedOrder() throws IOException {
    Path file = csv("kind,x\r\npear,1\r\napple,2\r\n10,3\r\npear,4\r\n");
    FeatureDataset data = CsvReader.readFeatures(file, "kind", List.of());
    assertEquals(List.of("10", "apple", "pear"), data.classNames());
    assertArrayEquals(new int[] {2, 1, 0, 2}, data.labels().toArray());
  }

  @Test
  void givenNamesKeepTheirOrder() throws IOException {
    Path file = csv("x,label\n1,pear\n2,1\n3, plum \n");
    FeatureDataset data =
        CsvReader.readFeatures(file, CsvReader.LABEL_COLUMN, List.of("plum", "pear", "apple"));
    assertEquals(3, data.classes());
    assertArrayEquals(new int[] {1, 1, 0}, data.labels().toArray());
  }

  @Test
  void readsQuotedTexts() throws IOException {
    Path file = csv("\uFEFFid,text,label\n1,\"one, \"\"two\"\"\nand three\",utils\n2,Käse,doc\n");
    TextDataset data = CsvReader.readText(file, List.of());
    assertEquals(List.of("one, \"two\"\nand three", "Käse"), data.texts());
    assertEquals("Käse", data.text(1));
    assertEquals(List.of("doc", "utils"), data.classNames());
    assertArrayEquals(new int[] {1, 0}, data.labels().toArray());
  }

  @Test
  void refusesFilesWithoutRows() throws IOException {
    Path none = folder.resolve("none.csv");
    assertRefused(() -> features(none), none, "expected a file, found nothing there");
    Path empty = csv("");
    assertRefused(() -> features(empty), empty, "expected a header line, found an empty file");
    Path header = csv("x,label\n");
    assertRefused(() -> features(header), header, "expected at least one sample, found none");
  }

  @Test
  void refusesBadHeaders() throws IOException {
    Path twice = csv("x,label,x\n1,2,3\n");
    assertRefused(() -> features(twice), twice, "line 1: expected a header of distinct column");
    Path unnamed = csv("x,,label\n1,2,3\n");
    assertRefused(() -> features(unnamed), unnamed, "line 1: expected a header");
    Path missing = csv("x,Label\n1,2\n");
    assertRefused(
        () -> features(missing), missing, "expected a column named label, found [x, Label]");
    String many = String.join(",", IntStream.range(0, 784).mapToObj(i -> "p" + i).toList());
    Path wide = csv(many + "\n" + many.replace("p", "") + "\n");
    assertRefused(
        () -> features(wide), wide, "found 784 columns, the first 12 of them [p0, p1, p2");
    Path noText = csv("words,label\na,1\n");
    assertRefused(
        () -> CsvReader.readText(noText, List.of()), noText, "expected a column named text");
    Path only = csv("label\n1\n");
    assertRefused(() -> features(only), only, "expected a column of features beside label");
  }

  @Test
  void refusesRaggedRows() throws IOException {
    Path narrow = csv("x,y,label\n1,2,0\n1,0\n");
    assertRefused(
        () -> features(narrow), narrow, "line 3: expected 3 columns as in the header, found 2");
    Path wide = csv("text,label\n\"a\nb\",0\na,b,0");
    assertRefused(
        () -> CsvReader.readText(wide, List.of()), wide, "line 4: expected 2 columns as in the");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "NaN", "Infinity", "-Infinity", "1e40", "one"})
  void refusesCellsThatAreNoFiniteNumbers(String cell) throws IOException {
    Path file = csv("x,label\n1,0\n" + cell + ",1\n");
    assertRefused(
        () -> features(file),
        file,
        "line 3, column x: expected a finite number, found '" + cell + "'");
  }

  @Test
  void refusesLabelsThatAreNone() throws IOException {
    Path negative = csv("x,label\n1,0\n1,-1\n");
    assertRefused(
        () -> features(negative), negative, "line 3: expected a label from 0 to 99999, found -1");
    Path identifier = csv("x,label\n1,123456789\n");
    assertRefused(() -> features(identifier), identifier, "line 2: expected a label");
    Path blank = csv("x,label\n1,0\n1, \n");
    assertRefused(() -> features(blank), blank, "line 3: expected a label, found an empty cell");
    Path unknown = csv("x,label\n1,cat\n1,cow\n");
    List<String> names = List.of("cat", "dog");
    assertRefused(
        () -> CsvReader.readFeatures(unknown, "label", names),
        unknown,
        "line 3: expected a label from 0 to 1 or one of [cat, dog], found cow");
    Path high = csv("x,label\n1,2\n");
    assertRefused(
        () -> CsvReader.readFeatures(high, "label", names), high, "one of [cat, dog], found 2");
  }

  @Test
  void refusesBrokenText() throws IOException {
    Path open = csv("text,label\na,0\n\"never closed,1\n");
    assertRefused(() -> CsvReader.readText(open, List.of()), open, "expected to read it all");
    Path latin = folder.resolve("latin.csv");
    Files.write(latin, "text,label\nKäse,0\n".getBytes(StandardCharsets.ISO_8859_1));
    assertRefused(() -> CsvReader.readText(latin, List.of()), latin, "MalformedInputException");
  }

  private static FeatureDataset features(Path file) {
    return CsvReader.readFeatures(file, CsvReader.LABEL_COLUMN, List.of());
  }

  private Path csv(String text) throws IOException {
    return Files.writeString(folder.resolve("data.csv"), text);
  }
}
