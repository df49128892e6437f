package io.acclimate.bank.store;

import io.acclimate.bank.Adapter;
import io.acclimate.bank.AdapterCard;
import io.acclimate.bank.codec.Codecs;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.io.AtomicFiles;
import io.acclimate.runtime.io.InputFiles;
import io.acclimate.runtime.io.Safetensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * An adapter outside of a bank: its tensors in {@code NAME.safetensors}, plain and readable for any
 * program, and its card beside them in {@code NAME.json}. Stateless, safe for all threads.
 */
public final class AdapterFiles {
  private static final String TENSORS = ".safetensors";

  private AdapterFiles() {}

  /**
   * Writes both files.
   *
   * @param file the one with the tensors, named {@code NAME.safetensors}
   * @throws AcclimateException when it is named otherwise or cannot be written
   */
  public static void write(Adapter adapter, Path file) {
    Path card = cardOf(file);
    Safetensors.write(file, adapter.tensors(), Map.of());
    AtomicFiles.write(card, out -> out.write(BankJson.bytes(adapter.card())));
  }

  /**
   * Reads both files.
   *
   * @param file the one with the tensors, named {@code NAME.safetensors}
   * @throws AcclimateException when one is missing or damaged, or a tensor is not finite
   */
  public static Adapter read(Path file) {
    Path card = cardOf(file);
    InputFiles.requireFile(file);
    InputFiles.requireFile(card);
    Adapter adapter = new Adapter(readCard(card), Codecs.decode(Safetensors.read(file)));
    adapter.requireSound();
    return adapter;
  }

  /**
   * Reads both files of an adapter of a model.
   *
   * @param modelSha256 the hash of the frozen model's bytes
   * @throws AcclimateException when {@link #read} fails, or it belongs to another model
   */
  public static Adapter readFor(Path file, String modelSha256) {
    Adapter adapter = read(file);
    try {
      adapter.card().requireModel(modelSha256);
    } catch (AcclimateException e) {
      throw new AcclimateException(file + ": " + e.getMessage(), e);
    }
    return adapter;
  }

  private static AdapterCard readCard(Path card) {
    try {
      return BankJson.card(Files.readAllBytes(card));
    } catch (IOException e) {
      throw InputFiles.failed(card, e);
    } catch (AcclimateException e) {
      throw new AcclimateException(card + ": " + e.getMessage(), e);
    }
  }

  private static Path cardOf(Path file) {
    String name = file.getFileName() == null ? "" : file.getFileName().toString();
    if (!name.endsWith(TENSORS)) {
      throw new AcclimateException(file + ": expected a file named NAME.safetensors");
    }
    return file.resolveSibling(name.substring(0, name.length() - TENSORS.length()) + ".json");
  }
}
