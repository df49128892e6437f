package io.acclimate.simulators.data;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.io.InputFiles;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.ObjIntConsumer;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;
import org.apache.commons.csv.DuplicateHeaderMode;

/**
 * Reads datasets from CSV files: UTF-8, RFC 4180 quoting, a header line. Lines are counted from 1,
 * the header; of a row over several lines the last counts.
 *
 * <p>Labels are class names or, where every one of them is an integer, class numbers from 0. Names
 * become numbers in sorted order, unless the caller gives the names in their order.
 *
 * <p>Stateless, safe for all threads.
 */
public final class CsvReader {
  /** The usual name of the column of labels. */
  public static final String LABEL_COLUMN = "label";

  /** The column of texts. */
  public static final String TEXT_COLUMN = "text";

  private static final CSVFormat FORMAT =
      CSVFormat.RFC4180
          .builder()
          .setHeader()
          .setSkipHeaderRecord(true)
          .setDuplicateHeaderMode(DuplicateHeaderMode.DISALLOW)
          .setIgnoreEmptyLines(true)
          .get();

  /** Of a header in a message. */
  private static final int SHOWN_COLUMNS = 12;

  private static final char BYTE_ORDER_MARK = '\uFEFF';

  private CsvReader() {}

  /**
   * Reads numeric samples: all columns but the labels' are features, in the order of the header.
   *
   * @param labelColumn the name of the column of labels, usually {@link #LABEL_COLUMN}
   * @param classNames the name of every class; empty to take them from the labels
   * @throws AcclimateException if the file is missing, empty or malformed, has no such column or no
   *     other, or a cell is not a finite number or not a known label
   */
  public static FeatureDataset readFeatures(
      Path file, String labelColumn, List<String> classNames) {
    FloatList values = new FloatList();
    LabelColumn labels = new LabelColumn(file.toString());
    List<String> header =
        read(
            file,
            List.of(labelColumn),
            (row, line) -> {
              List<String> names = row.getParser().getHeaderNames();
              for (int column = 0; column < row.size(); column++) {
                String name = names.get(column);
                if (name.equals(labelColumn)) {
                  labels.add(row.get(column), line);
                } else {
                  values.add(number(file, line, name, row.get(column)));
                }
              }
            });
    if (header.size() < 2) {
      throw new AcclimateException(
          file + ": expected a column of features beside " + labelColumn + ", found none");
    }
    int[] shape = {header.size() - 1};
    return new FeatureDataset(
        file.toString(), shape, values.toArray(), labels.toLabels(classNames));
  }

  /**
   * Reads texts: the columns {@link #TEXT_COLUMN} and {@link #LABEL_COLUMN}; others are ignored.
   *
   * @param classNames the name of every class; empty to take them from the labels
   * @throws AcclimateException if the file is missing, empty or malformed, lacks a column, or a
   *     label is not known
   */
  public static TextDataset readText(Path file, List<String> classNames) {
    List<String> texts = new ArrayList<>();
    LabelColumn labels = new LabelColumn(file.toString());
    read(
        file,
        List.of(TEXT_COLUMN, LABEL_COLUMN),
        (row, line) -> {
          texts.add(row.get(TEXT_COLUMN));
          labels.add(row.get(LABEL_COLUMN), line);
        });
    return new TextDataset(file.toString(), texts, labels.toLabels(classNames));
  }

  /** Hands every row with its line to the action, after checking its width; gives the header. */
  private static List<String> read(
      Path file, List<String> columns, ObjIntConsumer<CSVRecord> action) {
    InputFiles.requireFile(file);
    try (BufferedReader in = Files.newBufferedReader(file);
        CSVParser parser = parser(file, in)) {
      List<String> header = parser.getHeaderNames();
      requireColumns(file, header, columns);
      for (CSVRecord row : parser) {
        int line = Math.toIntExact(parser.getCurrentLineNumber());
        if (row.size() != header.size()) {
          throw new AcclimateException(
              String.format(
                  "%s: line %d: expected %d columns as in the header, found %d",
                  file, line, header.size(), row.size()));
        }
        action.accept(row, line);
      }
      return header;
    } catch (IOException e) {
      throw InputFiles.failed(file, e);
    } catch (UncheckedIOException e) {
      throw InputFiles.failed(file, e.getCause());
    }
  }

  private static CSVParser parser(Path file, BufferedReader in) throws IOException {
    in.mark(1);
    if (in.read() != BYTE_ORDER_MARK) {
      in.reset();
    }
    try {
      return CSVParser.parse(in, FORMAT);
    } catch (IllegalArgumentException e) {
      throw new AcclimateException(
          file + ": line 1: expected a header of distinct column names, found: " + e.getMessage(),
          e);
    }
  }

  private static void requireColumns(Path file, List<String> header, List<String> columns) {
    if (header.isEmpty()) {
      throw new AcclimateException(file + ": expected a header line, found an empty file");
    }
    for (String column : columns) {
      if (!header.contains(column)) {
        String found =
            header.size() <= SHOWN_COLUMNS
                ? header.toString()
                : "%d columns, the first %d of them %s"
                    .formatted(header.size(), SHOWN_COLUMNS, header.subList(0, SHOWN_COLUMNS));
        throw new AcclimateException(
            file + ": line 1: expected a column named " + column + ", found " + found);
      }
    }
  }

  private static float number(Path file, int line, String column, String cell) {
    float value;
    try {
      value = Float.parseFloat(cell);
    } catch (NumberFormatException e) {
      value = Float.NaN;
    }
    if (!Float.isFinite(value)) {
      throw new AcclimateException(
          String.format(
              "%s: line %d, column %s: expected a finite number, found '%s'",
              file, line, column, cell));
    }
    return value;
  }

  /** A growing array. */
  private static final class FloatList {
    private float[] values = new float[1024];
    private int size;

    void add(float value) {
      if (size == values.length) {
        values = Arrays.copyOf(values, Math.multiplyExact(size, 2));
      }
      values[size++] = value;
    }

    float[] toArray() {
      return Arrays.copyOf(values, size);
    }
  }
}
