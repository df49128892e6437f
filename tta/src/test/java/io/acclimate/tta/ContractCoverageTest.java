package io.acclimate.tta;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.acclimate.tta.testkit.CorrectorContract;
import java.lang.reflect.Constructor;
import java.lang.reflect.Method;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** No method is registered that does not run through the contract. */
class ContractCoverageTest {
  private static final List<String> CONTRACTS =
      List.of(
          "CorrectorContractsTest",
          "gradient.GradientContractsTest",
          "blackbox.ForwardContractsTest",
          "labelshift.LabelShiftAdapterTest");

  @Test
  void everyRegisteredMethodHasItsContract() throws ReflectiveOperationException {
    Set<String> tested = new TreeSet<>();
    for (String name : CONTRACTS) {
      Class<?> outer = Class.forName("io.acclimate.tta." + name);
      for (Class<?> contract : outer.getDeclaredClasses()) {
        if (contract.isAnnotationPresent(Nested.class)
            && CorrectorContract.class.isAssignableFrom(contract)) {
          tested.add(methodOf(create(contract, create(outer))));
        }
      }
    }
    assertEquals(new TreeSet<>(CorrectorProvider.registry().names()), tested);
  }

  private static Object create(Class<?> type, Object... arguments)
      throws ReflectiveOperationException {
    Constructor<?> constructor = type.getDeclaredConstructors()[0];
    constructor.setAccessible(true);
    return constructor.newInstance(arguments);
  }

  private static String methodOf(Object contract) throws ReflectiveOperationException {
    Method method = CorrectorContract.class.getDeclaredMethod("method");
    method.setAccessible(true);
    return (String) method.invoke(contract);
  }
}
