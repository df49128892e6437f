package io.acclimate.bank.selective;

import io.acclimate.bank.pet.PetParameter;
import io.acclimate.runtime.graph.Attributes;
import io.acclimate.runtime.graph.Ops;
import io.acclimate.runtime.train.Init;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * Mamba's block without expansion and output projection, as Mamba-FSCIL uses it (Li et al., arXiv
 * 2407.06136): {@code [x; z] = W_in h}, a causal convolution over the last four tokens and SiLU
 * make x the input of a {@link SelectiveScan} whose step, write and read vectors come from x
 * itself, and z gates what it gives: {@code y silu(z)}.
 *
 * @param size d, the channels, at least 1
 * @param states N, the states of a channel, at least 1
 * @param rank R, the rank of the map to the steps, at least 1
 * @param closed whether the gate starts closed: its half of the weights is 0, so the block gives 0
 *     for any tokens, while its gradient is not 0
 */
public record MambaBlock(int size, int states, int rank, boolean closed) {
  /** Tokens that a convolution reads. */
  static final int WINDOW = 4;

  private static final String IN = "in";
  private static final String GATE = "gate";
  private static final String CONV = "conv";
  private static final String CONV_BIAS = "conv-bias";
  private static final String SELECT = "select";
  private static final String STEP = "step";
  private static final String STEP_BIAS = "step-bias";
  private static final String LOG_DECAY = "log-decay";
  private static final String SKIP = "skip";

  /**
   * What a block gives.
   *
   * @param tokens {@code [batch, tokens, size]}
   * @param gate z before its activation, {@code [batch, tokens, size]}
   * @param select what makes the scan selective
   */
  public record Result(String tokens, String gate, Selection select) {}

  /**
   * What makes a scan selective.
   *
   * @param steps the steps at low rank, {@code [batch, tokens, rank]}
   * @param write B, {@code [batch, tokens, states]}
   * @param read C, {@code [batch, tokens, states]}
   */
  public record Selection(String steps, String write, String read) {}

  /** The parameters; equal seeds start them equally. */
  public List<PetParameter> parameters() {
    Init linear = Init.kaimingUniform(size);
    Init convolution = Init.kaimingUniform(WINDOW);
    return List.of(
        PetParameter.of(IN, linear, size, size),
        PetParameter.of(GATE, closed ? Init.zeros() : linear, size, size),
        PetParameter.of(CONV, convolution, WINDOW, size),
        PetParameter.of(CONV_BIAS, convolution, size),
        PetParameter.of(SELECT, linear, rank + 2L * states, size),
        PetParameter.of(STEP, Init.kaimingUniform(rank), size, rank),
        PetParameter.of(STEP_BIAS, StateSpaceInit.stepBias(), size),
        PetParameter.of(LOG_DECAY, StateSpaceInit.logDecay(), size, states),
        PetParameter.of(SKIP, Init.constant(1), size));
  }

  /**
   * Appends the block.
   *
   * @param tokens h, {@code [batch, tokens, size]}, in the order of the scan
   * @param names the graph's name of each parameter
   */
  public Result append(Ops ops, String tokens, UnaryOperator<String> names) {
    String gate = Layers.linear(ops, tokens, names.apply(GATE));
    String x = Layers.linear(ops, tokens, names.apply(IN));
    String input = Layers.silu(ops, convolved(ops, x, names));
    String selection = Layers.linear(ops, input, names.apply(SELECT));
    Selection select =
        new Selection(
            ops.slice(selection, 2, 0, rank),
            ops.slice(selection, 2, rank, rank + states),
            ops.slice(selection, 2, rank + states, rank + 2L * states));
    String steps =
        ops.add(Layers.linear(ops, select.steps(), names.apply(STEP)), names.apply(STEP_BIAS));
    SelectiveScan scan =
        new SelectiveScan(
            input,
            Layers.softplus(ops, steps),
            ops.neg(ops.exp(names.apply(LOG_DECAY))),
            ops.unsqueeze(select.write(), 2),
            ops.unsqueeze(select.read(), 2),
            names.apply(SKIP));
    String gated = ops.mul(scan.append(ops).output(), Layers.silu(ops, gate));
    return new Result(gated, gate, select);
  }

  /** Each channel's weighted sum of a token and the three before it; zeros before the first. */
  private String convolved(Ops ops, String x, UnaryOperator<String> names) {
    long tokens = ops.shape(x).size(1);
    String padded = ops.op("Pad", Attributes.NONE, x, ops.list(0, WINDOW - 1, 0, 0, 0, 0));
    List<String> terms = new ArrayList<>();
    for (int place = 0; place < WINDOW; place++) {
      String weight = ops.slice(names.apply(CONV), 0, place, place + 1);
      terms.add(ops.mul(ops.slice(padded, 1, place, place + tokens), weight));
    }
    return terms.stream().reduce(names.apply(CONV_BIAS), ops::add);
  }
}
