package io.acclimate.simulators.tasks;

import io.acclimate.bank.pet.Pooling;
import io.acclimate.continual.LearnerFactory;
import io.acclimate.runtime.ModelOptions;
import io.acclimate.simulators.scenario.DataSource;
import io.acclimate.simulators.train.ModelLocation;
import java.util.List;
import java.util.Map;

/**
 * Which learners meet which tasks, as read from a file.
 *
 * @param name what the report is called
 * @param seeds the root of every random choice, one for each run
 * @param model where the model is
 * @param options where it runs
 * @param features the output that heads read
 * @param pooling how tokens become features
 * @param tokenizer where the tokeniser is, for texts
 * @param tokens of a text
 * @param data all samples
 * @param heldOut the share of each class that judges
 * @param tasks how many tasks the classes are dealt out to
 * @param shuffleClasses whether each seed draws an order of the classes
 * @param batchSize samples of a step
 * @param methods the learners by their names in the report
 * @param settings every setting in force, defaults included
 */
public record ClassIncrementalScenario(
    String name,
    List<Long> seeds,
    ModelLocation model,
    ModelOptions options,
    String features,
    Pooling pooling,
    ModelLocation tokenizer,
    int tokens,
    DataSource data,
    double heldOut,
    int tasks,
    boolean shuffleClasses,
    int batchSize,
    Map<String, LearnerFactory> methods,
    Map<String, Object> settings) {}
