package io.acclimate.simulators.corruption;

import java.awt.image.BufferedImage;
import java.awt.image.WritableRaster;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.MemoryCacheImageInputStream;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/**
 * Compresses as JPEG and decodes again, in memory: standard tables scaled by the quality as in the
 * IJG library, chroma at half resolution (4:2:0); grey images as grey JPEG.
 */
final class JpegCompression {
  private static final String FORMAT = "jpeg";

  private JpegCompression() {}

  static Image apply(Image clean, double[] parameters, Draws draws) {
    float quality = (float) (parameters[0] / 100);
    try {
      return decode(encode(clean, quality), clean);
    } catch (IOException e) {
      throw new UncheckedIOException("The JPEG codec failed in memory on " + clean, e);
    }
  }

  private static byte[] encode(Image clean, float quality) throws IOException {
    int type = clean.channels() == 1 ? BufferedImage.TYPE_BYTE_GRAY : BufferedImage.TYPE_3BYTE_BGR;
    BufferedImage image = new BufferedImage(clean.width(), clean.height(), type);
    image.getRaster().setPixels(0, 0, clean.width(), clean.height(), levels(clean));
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    ImageWriter writer = ImageIO.getImageWritersByFormatName(FORMAT).next();
    try (MemoryCacheImageOutputStream stream = new MemoryCacheImageOutputStream(bytes)) {
      ImageWriteParam param = writer.getDefaultWriteParam();
      param.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
      param.setCompressionQuality(quality);
      writer.setOutput(stream);
      writer.write(null, new IIOImage(image, null, null), param);
    } finally {
      writer.dispose();
    }
    return bytes.toByteArray();
  }

  private static Image decode(byte[] jpeg, Image clean) throws IOException {
    ImageReader reader = ImageIO.getImageReadersByFormatName(FORMAT).next();
    try (MemoryCacheImageInputStream stream =
        new MemoryCacheImageInputStream(new ByteArrayInputStream(jpeg))) {
      reader.setInput(stream, true, true);
      WritableRaster raster = reader.read(0).getRaster();
      int[] levels = raster.getPixels(0, 0, clean.width(), clean.height(), (int[]) null);
      byte[] samples = new byte[levels.length];
      for (int i = 0; i < samples.length; i++) {
        samples[i] = (byte) levels[i];
      }
      return Image.wrap(clean.height(), clean.width(), clean.channels(), samples);
    } finally {
      reader.dispose();
    }
  }

  private static int[] levels(Image image) {
    byte[] samples = image.samples();
    int[] levels = new int[samples.length];
    for (int i = 0; i < levels.length; i++) {
      levels[i] = samples[i] & 0xFF;
    }
    return levels;
  }
}
