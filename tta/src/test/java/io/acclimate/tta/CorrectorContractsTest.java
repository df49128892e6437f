package io.acclimate.tta;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.acclimate.tta.testkit.CorrectorContract;
import org.junit.jupiter.api.Nested;

/** Every registered corrector, and chains of them, keep the contract. */
class CorrectorContractsTest {
  @Nested
  class Frozen extends CorrectorContract {
    @Override
    protected String method() {
      return "frozen";
    }
  }

  @Nested
  class Oracle extends CorrectorContract {
    @Override
    protected String method() {
      return "oracle";
    }
  }

  @Nested
  class Lame extends CorrectorContract {
    @Override
    protected String method() {
      return "lame";
    }
  }

  @Nested
  class LameRbf extends CorrectorContract {
    @Override
    protected String method() {
      return "lame";
    }

    @Override
    protected Config settings() {
      return ConfigFactory.parseString("affinity = rbf");
    }
  }

  @Nested
  class LabelShiftEm extends CorrectorContract {
    @Override
    protected String method() {
      return "label-shift-em";
    }

    @Override
    protected Config settings() {
      return ConfigFactory.parseString("window-samples = 40");
    }
  }

  @Nested
  class LabelShiftEmOfABatch extends CorrectorContract {
    @Override
    protected String method() {
      return "label-shift-em";
    }

    @Override
    protected Config settings() {
      return ConfigFactory.parseString("window-samples = 0");
    }
  }

  @Nested
  class PriorCorrection extends CorrectorContract {
    @Override
    protected String method() {
      return "prior-correction";
    }
  }

  @Nested
  class T3a extends CorrectorContract {
    @Override
    protected String method() {
      return "t3a";
    }

    @Override
    protected Config settings() {
      return ConfigFactory.parseString("supports = 4");
    }
  }

  @Nested
  class Auto extends CorrectorContract {
    @Override
    protected String method() {
      return "auto";
    }

    @Override
    protected Config settings() {
      return ConfigFactory.parseString(
          "min-samples = 2, block-samples = 8, correlated = 0, uncorrelated = 0");
    }
  }

  @Nested
  class LabelShiftOnLame extends CorrectorContract {
    @Override
    protected String method() {
      return "label-shift-em";
    }

    @Override
    protected Config settings() {
      return ConfigFactory.parseString("of { method = lame, settings { knn = 3 } }");
    }
  }

  @Nested
  class PredictThenAdapt extends CorrectorContract {
    @Override
    protected String method() {
      return "prior-correction";
    }

    @Override
    protected Config settings() {
      return ConfigFactory.parseString(
          "protocol { order = predict-then-adapt, steps = 2 }, guard.snapshot-batches = 2");
    }
  }
}
