package io.acclimate.simulators.corruption;

/** Drops of water or splashes of mud on the lens. */
final class Spatter {
  private static final double[] WATER = {175 / 255., 238 / 255., 238 / 255.};
  private static final double[] MUD = {63 / 255., 42 / 255., 20 / 255.};

  /** The luma of the water's colour, and the mud that MNIST-C uses. */
  private static final double GREY_WATER = 219 / 255.;

  private static final double GREY_MUD = 63 / 255.;
  private static final double MIN_MUD = .8;
  private static final int EDGE_LOW = 50;
  private static final int EDGE_HIGH = 150;
  private static final double MAX_DISTANCE_PX = 20;
  private static final double[][] BOX = {{1, 1, 1}, {1, 1, 1}, {1, 1, 1}};
  private static final double[][] RELIEF = {{-2, -1, 0}, {-1, 1, 1}, {0, 1, 2}};

  private Spatter() {}

  static Image apply(Image clean, double[] parameters, Draws draws) {
    double mean = parameters[0];
    double deviation = parameters[1];
    double sigmaPx = parameters[2];
    double threshold = parameters[3];
    boolean mud = parameters[5] == 1;
    Plane field = draws.gaussianPlane(clean.height(), clean.width(), mean, deviation);
    Plane layer = Filters.gaussian(field, sigmaPx).map(v -> v < threshold ? 0 : v);
    Plane[] planes = Plane.units(clean);
    if (mud) {
      coverWithMud(planes, mudMask(layer, threshold, parameters[4]));
    } else {
      addWater(planes, waterMask(layer, parameters[4]));
    }
    return Plane.imageOfUnits(planes);
  }

  private static void coverWithMud(Plane[] planes, Plane mask) {
    for (int c = 0; c < planes.length; c++) {
      double colour = planes.length == 1 ? GREY_MUD : MUD[c];
      double[] v = planes[c].v;
      for (int i = 0; i < v.length; i++) {
        v[i] = v[i] * (1 - mask.v[i]) + mask.v[i] * colour;
      }
    }
  }

  private static void addWater(Plane[] planes, Plane mask) {
    for (int c = 0; c < planes.length; c++) {
      double colour = planes.length == 1 ? GREY_WATER : WATER[c];
      double[] v = planes[c].v;
      for (int i = 0; i < v.length; i++) {
        v[i] += mask.v[i] * colour;
      }
    }
  }

  private static Plane mudMask(Plane layer, double threshold, double sigmaPx) {
    return Filters.gaussian(layer.map(v -> v > threshold ? 1 : 0), sigmaPx)
        .map(v -> v < MIN_MUD ? 0 : v);
  }

  /** The water: thickest, equal to the amount, where the layer is high and its relief is steep. */
  private static Plane waterMask(Plane layer, double amount) {
    Plane levels = layer.map(v -> (int) (v * 255) & 0xFF);
    Plane distance =
        ChamferDistance.of(Canny.edges(levels, EDGE_LOW, EDGE_HIGH))
            .map(v -> Math.min(v, MAX_DISTANCE_PX));
    Plane smooth = Filters.correlate(distance, BOX).map(v -> (int) (float) (v / 9));
    Plane relief =
        Filters.correlate(equalize(smooth), RELIEF).map(v -> Math.min(Math.max(v, 0), 255));
    Plane mask = Filters.correlate(relief, BOX).map(v -> Math.rint(v / 9));
    for (int i = 0; i < mask.v.length; i++) {
      mask.v[i] *= levels.v[i];
    }
    double thickest = mask.max();
    return thickest == 0 ? mask : mask.map(v -> v / thickest * amount);
  }

  /** Spreads levels so that their cumulative histogram becomes a straight line. */
  private static Plane equalize(Plane levels) {
    int[] counts = new int[256];
    for (double level : levels.v) {
      counts[(int) level]++;
    }
    int lowest = 0;
    while (counts[lowest] == 0) {
      lowest++;
    }
    int others = levels.v.length - counts[lowest];
    if (others == 0) {
      return levels;
    }
    float scale = 255f / others;
    double[] spread = new double[256];
    int below = 0;
    for (int level = lowest + 1; level < 256; level++) {
      below += counts[level];
      spread[level] = Math.rint(below * scale);
    }
    return levels.map(level -> spread[(int) level]);
  }
}
