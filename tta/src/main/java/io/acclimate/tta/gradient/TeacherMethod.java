package io.acclimate.tta.gradient;

import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.graph.Ops;
import io.acclimate.runtime.state.StateReader;
import io.acclimate.runtime.state.StateWriter;
import io.acclimate.runtime.train.ParameterSet;

/** A method with a teacher that follows the student slowly. */
abstract class TeacherMethod extends GradientMethod {
  private static final String TEACHER = "stream/teacher";

  private final ParameterSet teacher;

  TeacherMethod(AdaptableModel learner, OptimizerSettings optimizer) {
    super(learner, optimizer);
    this.teacher = learner.source().copy();
  }

  /** The teacher's logits as an input of the loss, {@code [size, classes]}. */
  static String teacherLogits(LossGraph graph) {
    return graph.input(TEACHER, graph.size(), graph.classes());
  }

  /** The teacher's answers as an input of the loss, {@code [size, classes]}. */
  static String teacherAnswers(LossGraph graph) {
    Ops ops = graph.ops();
    return ops.softmax(teacherLogits(graph), -1);
  }

  final ParameterSet teacher() {
    return teacher;
  }

  /** Logits of one forward pass with some parameters, {@code [rows, classes]}. */
  final double[] logits(ParameterSet parameters, Tensor batch) {
    SizedModel sized = learner().load(batch);
    sized.forward(parameters);
    return sized.logits();
  }

  /** The model with a batch and the teacher's logits of it. */
  final SizedModel load(Tensor batch, double[] teacherLogits) {
    SizedModel sized = learner().load(batch);
    sized.set(TEACHER, teacherLogits);
    return sized;
  }

  @Override
  public double distanceToSource() {
    return Math.max(super.distanceToSource(), distanceToSource(teacher));
  }

  @Override
  public void reset() {
    super.reset();
    teacher.copyFrom(source());
  }

  @Override
  public void save(StateWriter out) {
    super.save(out);
    out.put("teacher", teacher);
  }

  @Override
  public void load(StateReader in) {
    super.load(in);
    in.get("teacher", teacher);
  }
}
