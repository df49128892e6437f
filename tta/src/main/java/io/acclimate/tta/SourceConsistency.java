package io.acclimate.tta;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.DType;
import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.state.StateReader;
import io.acclimate.runtime.state.StateWriter;
import io.acclimate.runtime.state.Stateful;

/**
 * ITTA's consistency loss, learned on the source once: {@value #LAYERS} layers of a scale and a
 * shift for each feature. Safe to share once loaded.
 */
public final class SourceConsistency implements Stateful {
  /** The number of layers. */
  public static final int LAYERS = 10;

  private Tensor scales;
  private Tensor shifts;

  /** Empty, to be loaded. */
  public SourceConsistency() {
    this(Tensor.allocate(DType.FLOAT32, LAYERS, 0), Tensor.allocate(DType.FLOAT32, LAYERS, 0));
  }

  /**
   * Takes values over, which must not change afterwards.
   *
   * @param scales {@code [layers, features]}
   * @param shifts {@code [layers, features]}
   */
  public SourceConsistency(Tensor scales, Tensor shifts) {
    this.scales = scales;
    this.shifts = shifts;
  }

  /** The scales, {@code [layers, features]}. */
  public Tensor scales() {
    return scales;
  }

  /** The shifts, {@code [layers, features]}. */
  public Tensor shifts() {
    return shifts;
  }

  /** The number of features. */
  public int featureSize() {
    return (int) scales.dim(1);
  }

  @Override
  public void save(StateWriter out) {
    out.putTensor("scales", scales);
    out.putTensor("shifts", shifts);
  }

  @Override
  public void load(StateReader in) {
    Tensor loaded = in.getTensor("scales");
    if (loaded.rank() != 2 || loaded.dim(0) != LAYERS || loaded.type() != DType.FLOAT32) {
      throw new AcclimateException(
          "consistency loss: expected scales FLOAT32[%d, features], found %s"
              .formatted(LAYERS, loaded));
    }
    shifts = in.getTensor("shifts", DType.FLOAT32, loaded.shape());
    scales = loaded;
  }
}
