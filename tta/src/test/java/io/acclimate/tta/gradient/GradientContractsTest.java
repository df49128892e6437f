package io.acclimate.tta.gradient;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.acclimate.runtime.SeedTree;
import io.acclimate.runtime.settings.SettingsReader;
import io.acclimate.runtime.state.State;
import io.acclimate.runtime.train.ParameterSet;
import io.acclimate.tta.CorrectorFactory;
import io.acclimate.tta.CorrectorProvider;
import io.acclimate.tta.DifferentiableModel;
import io.acclimate.tta.MethodContext;
import io.acclimate.tta.OutputBatch;
import io.acclimate.tta.OutputCorrector;
import io.acclimate.tta.SourceConsistency;
import io.acclimate.tta.SourceFisher;
import io.acclimate.tta.testkit.Batches;
import io.acclimate.tta.testkit.CorrectorContract;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Every gradient method keeps the contract of correctors, and a few laws of its own. */
class GradientContractsTest {
  /** The laws that hold for methods that change the model. */
  abstract static class GradientContract extends CorrectorContract {
    /** A model whose answers on the kit's streams leave room to learn. */
    private static final DifferentiableModel MODEL = Networks.transformer(FEATURES, CLASSES);

    private static final SourceFisher FISHER = fisher();
    private static final SourceConsistency CONSISTENCY = consistency();

    /** Settings under which the method learns from the kit's streams. */
    String learning() {
      return "";
    }

    /** Settings under which the method's answer is that of the student or teacher alone. */
    String plain() {
      return "";
    }

    @Override
    protected Config settings() {
      return ConfigFactory.parseString("guard.disagreement = 1\n" + learning());
    }

    @Override
    protected MethodContext context() {
      return new MethodContext(
          CLASSES,
          FEATURES,
          Optional.empty(),
          Optional.empty(),
          SeedTree.of(79),
          Optional.of(MODEL),
          Optional.of(FISHER),
          Optional.of(CONSISTENCY));
    }

    private static SourceConsistency consistency() {
      try (ConsistencyTrainer trainer =
          new ConsistencyTrainer(MODEL, CLASSES, FEATURES, 1e-2, SeedTree.of(6))) {
        Batches.stream(81, CLASSES, FEATURES, 16, 16)
            .forEach(batch -> trainer.step(batch.input(), batch.labels()));
        return trainer.result();
      }
    }

    private static SourceFisher fisher() {
      try (FisherCollector collector = new FisherCollector(MODEL)) {
        Batches.stream(80, CLASSES, FEATURES, 16, 16).forEach(b -> collector.add(b.input()));
        return collector.result();
      }
    }

    private OutputCorrector create(String settings) {
      SettingsReader reader =
          new SettingsReader(
              ConfigFactory.parseString(settings + "\n" + plain()).withFallback(settings()),
              CorrectorProvider.defaults(method()),
              method());
      CorrectorFactory factory = CorrectorProvider.registry().require(method()).read(reader);
      reader.throwIfAny(method());
      return factory.create(context());
    }

    private static OutputBatch frozen(OutputBatch batch) {
      try (AdaptableModel model =
          AdaptableModel.of(MODEL, WeightScope.NORM, g -> g.ops().reduceSum(g.logits(0), false))) {
        double[] answer = new double[batch.size() * CLASSES];
        GradientMethod.answer(model, model.source(), batch, answer);
        double[] features = model.features().orElseThrow();
        int featureSize = features.length / batch.size();
        return new OutputBatch(batch.size(), CLASSES, featureSize, answer, features, null);
      }
    }

    @Test
    void withoutARateItIsTheFrozenModel() {
      try (OutputCorrector method = create("optimizer.rate = 0")) {
        for (OutputBatch batch : Batches.stream(21, CLASSES, FEATURES, 64, 7, 64)) {
          double[] answer = new double[batch.size() * CLASSES];
          method.predictAndAdapt(batch, answer);
          assertArrayEquals(frozen(batch).probabilities(), answer, 1e-5);
        }
      }
    }

    @Test
    void tellsTheFeaturesOfItsAnswer() {
      OutputBatch batch = Batches.stream(21, CLASSES, FEATURES, 7).get(0);
      double[] expected = frozen(batch).features();
      double[] answer = new double[batch.size() * CLASSES];
      try (OutputCorrector method = create("")) {
        assertEquals(Optional.empty(), method.features());
        method.predict(batch, answer);
        assertArrayEquals(expected, method.features().orElseThrow(), 1e-5);
        Batches.stream(23, CLASSES, FEATURES, 64, 64).forEach(method::adapt);
        method.predict(batch, answer);
        double[] moved = method.features().orElseThrow();
        assertEquals(expected.length, moved.length);
        assertFalse(Arrays.equals(expected, moved));
      }
    }

    @Test
    void learningMovesTheModel() {
      try (OutputCorrector method = create("")) {
        assertEquals(0, method.distanceToSource(), 0.0);
        Batches.stream(23, CLASSES, FEATURES, 64, 64).forEach(method::adapt);
        assertNotEquals(0, method.distanceToSource());
      }
    }

    /** A batch that overflows the model is answered somehow and learned from in no way. */
    @Test
    void numbersThatAreNotFiniteAreNotLearnedFrom() {
      try (OutputCorrector method = create("")) {
        OutputBatch sound = Batches.stream(24, CLASSES, FEATURES, 64).get(0);
        method.adapt(sound);
        ParameterSet before = ((GradientMethod) method).student().copy();
        for (int i = 0; i < 64; i++) {
          sound.input().floats().put(i, Float.NaN);
        }
        method.adapt(sound);
        ParameterSet after = ((GradientMethod) method).student();
        assertEquals(State.of(before).sha256(), State.of(after).sha256());
      }
    }
  }

  @Nested
  class TentContract extends GradientContract {
    @Override
    protected String method() {
      return "tent";
    }
  }

  @Nested
  class TentOfAdapters extends TentContract {
    @Override
    String learning() {
      return "parameters = adapters, modules { lora { sites = [linear], rank = 2 } }";
    }
  }

  /** Modules that start at 0, under a method with a teacher. */
  @Nested
  class CottaOfAdapters extends CottaContract {
    @Override
    String learning() {
      return "parameters = adapters, modules { norm {} }";
    }
  }

  @Nested
  class EtaContract extends GradientContract {
    @Override
    protected String method() {
      return "eta";
    }

    @Override
    String learning() {
      return "entropy-margin = 0.9";
    }
  }

  @Nested
  class EataContract extends GradientContract {
    @Override
    protected String method() {
      return "eata";
    }

    @Override
    String learning() {
      return "entropy-margin = 0.9";
    }
  }

  @Nested
  class RdumbContract extends GradientContract {
    @Override
    protected String method() {
      return "rdumb";
    }

    @Override
    String learning() {
      return "entropy-margin = 0.9";
    }
  }

  @Nested
  class SarContract extends GradientContract {
    @Override
    protected String method() {
      return "sar";
    }

    @Override
    String learning() {
      return "entropy-margin = 0.9";
    }
  }

  @Nested
  class CottaContract extends GradientContract {
    @Override
    protected String method() {
      return "cotta";
    }
  }

  @Nested
  class RottaContract extends GradientContract {
    @Override
    protected String method() {
      return "rotta";
    }

    @Override
    String learning() {
      return "update-every = 16, capacity = 20";
    }
  }

  @Nested
  class RoidContract extends GradientContract {
    @Override
    protected String method() {
      return "roid";
    }

    @Override
    String plain() {
      return "prior-correction = false";
    }
  }

  @Nested
  class IttaContract extends GradientContract {
    @Override
    protected String method() {
      return "itta";
    }
  }

  @Nested
  class PsmtContract extends GradientContract {
    @Override
    protected String method() {
      return "psmt";
    }
  }

  @Nested
  class PsmtOfThePaper extends GradientContract {
    @Override
    protected String method() {
      return "psmt";
    }

    @Override
    protected Config settings() {
      return ConfigFactory.parseString("variant = paper").withFallback(super.settings());
    }
  }
}
