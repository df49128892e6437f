package io.acclimate.simulators.data;

/** Some samples of another dataset, with labels of their own. Immutable, safe for all threads. */
final class SelectedDataset implements Dataset {
  private final Dataset all;
  private final int[] samples;
  private final Labels labels;

  /**
   * Takes the array over.
   *
   * @param samples indices into the other dataset, in the order of this one
   * @param labels one for each
   */
  SelectedDataset(Dataset all, int[] samples, Labels labels) {
    labels.requireSize(all.source(), samples.length);
    this.all = all;
    this.samples = samples;
    this.labels = labels;
  }

  @Override
  public String source() {
    return all.source();
  }

  @Override
  public Labels labels() {
    return labels;
  }

  @Override
  public int[] sampleShape() {
    return all.sampleShape();
  }

  @Override
  public void copySample(int index, float[] target, int offset) {
    all.copySample(samples[index], target, offset);
  }

  @Override
  public boolean isImage() {
    return all.isImage();
  }

  @Override
  public void copyPixels(int index, byte[] target, int offset) {
    all.copyPixels(samples[index], target, offset);
  }
}
