package io.acclimate.simulators.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.io.AtomicFiles;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes a report as {@code report.json} and {@code report.html}, each aside and then renamed. */
public final class ReportWriter {
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  private static final Logger LOG = LoggerFactory.getLogger(ReportWriter.class);

  private ReportWriter() {}

  /**
   * Makes sure that a report can be written later: tries to write into the folder, or creates it.
   *
   * @return the folders that were not there before, the innermost first; see {@link #discard}
   * @throws AcclimateException when the folder cannot be used
   */
  public static List<Path> prepare(Path folder) {
    List<Path> created = new ArrayList<>();
    for (Path at = folder.toAbsolutePath().normalize();
        at != null && !Files.exists(at);
        at = at.getParent()) {
      created.add(at);
    }
    try {
      if (!Files.isDirectory(folder)) {
        Files.createDirectories(folder);
      }
      Files.delete(Files.createTempFile(folder, "probe", ".tmp"));
      return created;
    } catch (FileAlreadyExistsException e) {
      throw new AcclimateException(
          "output folder " + folder + ": expected a folder, found the file " + e.getFile(), e);
    } catch (IOException e) {
      throw new AcclimateException(
          "output folder " + folder + ": expected to write into it, found: " + e, e);
    }
  }

  /** Removes the folders that {@link #prepare} has created, as far as nothing is in them. */
  public static void discard(List<Path> created) {
    try {
      for (Path folder : created) {
        Files.deleteIfExists(folder);
      }
    } catch (IOException e) {
      LOG.debug("a folder is in use and stays", e);
    }
  }

  /**
   * Writes both files into a folder that exists.
   *
   * @param report a record of plain values
   * @param page the resource that shows such a report
   */
  public static void write(Object report, String page, Path folder) {
    writeText(folder.resolve("report.json"), json(report) + "\n");
    writeText(folder.resolve("report.html"), html(report, page));
  }

  /** Any of this package's records, or a map of plain values, as JSON. */
  public static String json(Object value) {
    try {
      return JSON.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("records of plain values are always JSON", e);
    }
  }

  /** Writes a text file aside and renames it. */
  public static void writeText(Path file, String text) {
    AtomicFiles.write(file, out -> out.write(text.getBytes(StandardCharsets.UTF_8)));
  }

  private static String html(Object report, String page) {
    String data = json(report).replace("<", "\\u003c");
    String plots = "/META-INF/resources/webjars/uplot/" + uplotVersion() + "/dist/";
    return resource(page)
        .replace("/*PAGE-CSS*/", resource("page.css"))
        .replace("/*PAGE-JS*/", resource("page.js"))
        .replace("/*UPLOT-CSS*/", resource(plots + "uPlot.min.css"))
        .replace("/*UPLOT-JS*/", resource(plots + "uPlot.iife.min.js"))
        .replace("/*REPORT-JSON*/", data);
  }

  /** The build writes the version that the root pom pins into a resource. */
  private static String uplotVersion() {
    Properties libraries = new Properties();
    try {
      libraries.load(new StringReader(resource("libraries.properties")));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return libraries.getProperty("uplot");
  }

  private static String resource(String name) {
    try (InputStream in = ReportWriter.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("resource missing from the jar: " + name);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
