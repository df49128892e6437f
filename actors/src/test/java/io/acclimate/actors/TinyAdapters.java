package io.acclimate.actors;

import com.typesafe.config.ConfigFactory;
import io.acclimate.bank.Adapter;
import io.acclimate.bank.AdapterCard;
import io.acclimate.bank.serving.ServingSettings;
import io.acclimate.bank.store.AdapterBank;
import io.acclimate.bank.store.BankChange;
import io.acclimate.bank.store.BankSettings;
import io.acclimate.runtime.Tensor;
import java.nio.file.Path;
import java.util.Map;

/**
 * A bank of adapters for the tiny model of three classes whose logits are its inputs: each makes
 * the model favour one class.
 *
 * @param bank where they are
 */
public record TinyAdapters(AdapterBank bank) {
  private static final int CLASSES = 3;

  /** An empty bank in a folder. */
  public static TinyAdapters create(Path folder) {
    return new TinyAdapters(AdapterBank.create(folder, BankSettings.defaults()));
  }

  /** The places of the adapters in the model. */
  public static ServingSettings places() {
    return ServingSettings.of(
        ConfigFactory.parseString("slots = 2, lora { sites = [linear], rank = 1 }"));
  }

  /** What a runtime is started with. */
  public AdapterServing serving() {
    return new AdapterServing(bank, places());
  }

  /** Publishes the next version of an adapter. */
  public void publish(String id, String modelSha256, int label) {
    bank.publish(new BankChange("").put(favours(id, modelSha256, label)));
  }

  /** Adds ten times the sum of the features to the logit of one class. */
  private static Adapter favours(String id, String modelSha256, int label) {
    float[] b = new float[CLASSES];
    b[label] = 10;
    Map<String, Tensor> tensors =
        Map.of(
            "lora.head.A", Tensor.ofFloats(new float[] {1, 1, 1}, 1, CLASSES),
            "lora.head.B", Tensor.ofFloats(b, CLASSES, 1));
    AdapterCard card =
        AdapterCard.of(id, "task-of-" + id, "lora", modelSha256)
            .withSettings(ConfigFactory.parseString("lora { rank = 1, alpha = 1 }"));
    return new Adapter(card, tensors);
  }
}
