package io.acclimate.tests.ownmethod;

import io.acclimate.tta.testkit.CorrectorContract;

/** A user's method keeps the published contract, with nothing but what CONTRIBUTING says. */
class SmoothedAnswersTest extends CorrectorContract {
  @Override
  protected String method() {
    return "smoothed-answers";
  }
}
