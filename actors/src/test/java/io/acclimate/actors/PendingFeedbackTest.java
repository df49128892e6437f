package io.acclimate.actors;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class PendingFeedbackTest {
  private static final int[] ZERO = {0};

  /** However many come and whichever are missing: the latest ones are there, older ones expired. */
  @Test
  void keepsTheLatestWhileItGrows() {
    PendingFeedback pending = new PendingFeedback(100, 50);
    for (long i = 50; i < 400; i++) {
      if (i % 7 != 0) {
        pending.add(i, ZERO, ZERO);
      }
      if (i < 140) {
        assertEquals(i % 7 == 0 ? -1 : 1, pending.size(i));
        assertEquals(1, pending.size(50), "nothing is forgotten before there are too many");
      }
    }
    for (long i = 0; i < 420; i++) {
      FeedbackOutcome expected =
          i > 398 || (i >= 299 && i % 7 == 0)
              ? FeedbackOutcome.UNKNOWN
              : i < 299 ? FeedbackOutcome.EXPIRED : FeedbackOutcome.ACCEPTED;
      assertEquals(expected, pending.take(i, ZERO).outcome(), "prediction " + i);
    }
  }

  @Test
  void countsFreshLabelsOnly() {
    PendingFeedback pending = new PendingFeedback(4, 0);
    pending.add(0, new int[] {1, 2, 3}, new int[] {1, 0, 0});
    PendingFeedback.Taken first = pending.take(0, new int[] {1, -1, -1});
    assertArrayEquals(new int[] {1, -1, -1}, first.labels());
    assertEquals(1, first.correct());
    assertEquals(1, first.frozenCorrect());
    PendingFeedback.Taken second = pending.take(0, new int[] {0, 2, 0});
    assertArrayEquals(new int[] {-1, 2, 0}, second.labels());
    assertEquals(2, second.fresh());
    assertEquals(1, second.correct());
    assertEquals(1, second.frozenCorrect());
  }

  @Test
  void labelsGivenBackAreNewAgain() {
    PendingFeedback pending = new PendingFeedback(4, 0);
    pending.add(0, new int[] {1, 2}, new int[] {1, 2});
    pending.take(0, new int[] {1, -1});
    PendingFeedback.Taken second = pending.take(0, new int[] {1, 2});
    pending.giveBack(0, second);
    assertEquals(FeedbackOutcome.DUPLICATE, pending.take(0, new int[] {1, -1}).outcome());
    assertArrayEquals(new int[] {-1, 2}, pending.take(0, new int[] {1, 2}).labels());
    pending.giveBack(3, second); // a prediction that is not here
    assertEquals(FeedbackOutcome.UNKNOWN, pending.take(3, new int[] {1, 2}).outcome());
  }
}
