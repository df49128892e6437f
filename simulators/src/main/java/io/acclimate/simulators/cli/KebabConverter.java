package io.acclimate.simulators.cli;

import io.acclimate.runtime.text.Names;
import java.util.Arrays;
import java.util.List;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * Reads the constants of an enum in kebab-case.
 *
 * @param <E> the enum
 */
abstract class KebabConverter<E extends Enum<E>> implements ITypeConverter<E> {
  private final Class<E> type;

  KebabConverter(Class<E> type) {
    this.type = type;
  }

  @Override
  public E convert(String value) {
    List<String> names = Arrays.stream(type.getEnumConstants()).map(Names::kebab).toList();
    int index = names.indexOf(value);
    if (index < 0) {
      throw new TypeConversionException(
          "expected one of %s, found %s".formatted(String.join(" | ", names), value));
    }
    return type.getEnumConstants()[index];
  }
}
