package io.acclimate.tta.blackbox;

import io.acclimate.runtime.DType;
import io.acclimate.runtime.SeedTree;
import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.train.Init;
import java.util.Arrays;

/**
 * BlackVIP's coordinator: makes a picture from the features of a sample and a learned trigger.
 *
 * <p>Features and trigger, side by side, are a small map of channels, whose sides are doubled until
 * it covers the image: each time by a transposed convolution of each channel, one over the
 * channels, normalisation and GELU; the last time by one transposed convolution to the image's
 * channels, which is 0 at first, so that an untrained coordinator adds nothing. Normalisation is
 * that of each channel over the places of a sample: the paper's batch statistics would move while
 * perturbed weights are tried. Weights are one flat list. Not thread-safe.
 */
final class PromptDecoder {
  private static final int LARGEST_START = 7;
  private static final double EPSILON = 1e-5;

  private final int featureSize;
  private final int[] image;
  private final int channels;
  private final int doublings;
  private final int startHeight;
  private final int startWidth;
  private final int startChannels;
  private final int trigger;
  private double[] map = new double[0];
  private double[] wide = new double[0];
  private double[] mixed = new double[0];

  /**
   * A decoder.
   *
   * @param featureSize features of a sample; may be 0
   * @param image channels, height and width
   * @param channels channels inside, at least 1
   */
  PromptDecoder(int featureSize, int[] image, int channels) {
    this.featureSize = featureSize;
    this.image = image.clone();
    this.channels = channels;
    int fit = 1;
    while (Math.max(image[1], image[2]) > LARGEST_START << fit) {
      fit++;
    }
    doublings = fit;
    startHeight = halved(image[1]);
    startWidth = halved(image[2]);
    int places = startHeight * startWidth;
    startChannels = Math.max(channels, featureSize / places + 1);
    trigger = startChannels * places - featureSize;
  }

  private int halved(int side) {
    return (side + (1 << doublings) - 1) >> doublings;
  }

  /** The number of weights. */
  int weights() {
    int count = trigger;
    for (int stage = 1; stage < doublings; stage++) {
      count += stageWeights(stage);
    }
    return count + 4 * inputChannels(doublings) * image[0] + image[0];
  }

  private int inputChannels(int stage) {
    return stage == 1 ? startChannels : channels;
  }

  private int stageWeights(int stage) {
    int in = inputChannels(stage);
    return 5 * in + in * channels + 3 * channels;
  }

  /** The first weights: the trigger even between 0 and 0.1, the last layer 0. */
  double[] start(SeedTree seeds) {
    double[] start = new double[weights()];
    fill(start, 0, trigger, Init.uniform(0, 0.1), seeds.child("trigger"));
    int at = trigger;
    for (int stage = 1; stage < doublings; stage++) {
      int in = inputChannels(stage);
      SeedTree own = seeds.child("stage").child(stage);
      fill(start, at, 5 * in, Init.kaimingUniform(4), own.child("wide"));
      int mix = at + 5 * in;
      int count = in * channels + channels;
      fill(start, mix, count, Init.kaimingUniform(in), own.child("mixed"));
      Arrays.fill(start, mix + count, mix + count + channels, 1);
      at += stageWeights(stage);
    }
    return start;
  }

  private static void fill(double[] target, int at, int count, Init init, SeedTree seeds) {
    Tensor values = Tensor.allocate(DType.FLOAT64, count);
    init.fill(values, seeds);
    values.doubles().get(target, at, count);
  }

  /**
   * Makes the picture of one sample.
   *
   * @param features holds the sample's from {@code start} on
   * @param target receives {@code [channels, height, width]} from {@code place} on
   */
  void decode(double[] weights, double[] features, int start, double[] target, int place) {
    int h = startHeight;
    int w = startWidth;
    map = room(map, startChannels * h * w);
    System.arraycopy(features, start, map, 0, featureSize);
    System.arraycopy(weights, 0, map, featureSize, trigger);
    int at = trigger;
    for (int stage = 1; stage < doublings; stage++) {
      int in = inputChannels(stage);
      widen(weights, at, in, h, w);
      h *= 2;
      w *= 2;
      mix(weights, at + 5 * in, in, h * w);
      int norm = at + 5 * in + in * channels + channels;
      map = room(map, channels * h * w);
      activate(weights, norm, h * w);
      at += stageWeights(stage);
    }
    paint(weights, at, inputChannels(doublings), h, w, target, place);
  }

  private static double[] room(double[] array, int count) {
    return array.length >= count ? array : new double[count];
  }

  /** Doubles the sides channel by channel: four weights and a bias each. */
  private void widen(double[] weights, int at, int in, int h, int w) {
    wide = room(wide, 4 * in * h * w);
    for (int c = 0; c < in; c++) {
      double bias = weights[at + 4 * in + c];
      for (int y = 0; y < 2 * h; y++) {
        for (int x = 0; x < 2 * w; x++) {
          double value = map[(c * h + y / 2) * w + x / 2];
          double weight = weights[at + 4 * c + 2 * (y % 2) + x % 2];
          wide[(c * 2 * h + y) * 2 * w + x] = bias + weight * value;
        }
      }
    }
  }

  /** Mixes channels at each place. */
  private void mix(double[] weights, int at, int in, int places) {
    mixed = room(mixed, channels * places);
    for (int c = 0; c < channels; c++) {
      Arrays.fill(mixed, c * places, (c + 1) * places, weights[at + in * channels + c]);
      for (int k = 0; k < in; k++) {
        double weight = weights[at + c * in + k];
        for (int p = 0; p < places; p++) {
          mixed[c * places + p] += weight * wide[k * places + p];
        }
      }
    }
  }

  /** Normalises each channel, scales and shifts it, and applies GELU. */
  private void activate(double[] weights, int at, int places) {
    for (int c = 0; c < channels; c++) {
      double mean = 0;
      double squares = 0;
      for (int p = c * places; p < (c + 1) * places; p++) {
        mean += mixed[p] / places;
        squares += mixed[p] * mixed[p] / places;
      }
      double scale = weights[at + c] / Math.sqrt(Math.max(0, squares - mean * mean) + EPSILON);
      for (int p = c * places; p < (c + 1) * places; p++) {
        double x = scale * (mixed[p] - mean) + weights[at + channels + c];
        map[p] = x / 2 * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)));
      }
    }
  }

  /** The last doubling, to the image's channels and cut to its size. */
  private void paint(double[] weights, int at, int in, int h, int w, double[] target, int place) {
    int bias = at + 4 * in * image[0];
    for (int c = 0; c < image[0]; c++) {
      for (int y = 0; y < image[1]; y++) {
        for (int x = 0; x < image[2]; x++) {
          double sum = weights[bias + c];
          for (int k = 0; k < in; k++) {
            double weight = weights[at + 4 * (k * image[0] + c) + 2 * (y % 2) + x % 2];
            sum += weight * map[(k * h + y / 2) * w + x / 2];
          }
          target[place + (c * image[1] + y) * image[2] + x] = sum;
        }
      }
    }
  }
}
