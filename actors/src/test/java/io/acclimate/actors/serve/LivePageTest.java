package io.acclimate.actors.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.acclimate.actors.learn.LearnerEvents;
import io.acclimate.runtime.testing.Browser;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LivePageTest {
  private static final String INFER =
      "{\"inputs\":[{\"name\":\"x\",\"shape\":[1,3],\"datatype\":\"FP32\",\"data\":[1,2,3]}]}";

  @TempDir Path folder;

  @Test
  void pageNeedsNothingFromElsewhere() throws Exception {
    try (Served served = new Served(folder, "")) {
      HttpResponse<byte[]> response = served.get("/").raw();
      String page = new String(response.body(), StandardCharsets.UTF_8);
      String policy = response.headers().firstValue("Content-Security-Policy").orElseThrow();
      assertTrue(policy.contains("default-src 'none'"), policy);
      assertTrue(policy.contains("script-src 'sha256-"), policy);
      String withoutNamespace = page.replace("http://www.w3.org/2000/svg", "");
      assertEquals(-1, withoutNamespace.indexOf("http://"));
      assertEquals(-1, withoutNamespace.indexOf("https://"));
      assertEquals(-1, withoutNamespace.indexOf("innerHTML"));
    }
  }

  /** A person looks, gives the token, pauses a stream and sees it paused; on a phone as well. */
  @Test
  void pageShowsAndControlsStreams() throws Exception {
    Optional<Path> installed = Browser.installed();
    if (installed.isEmpty()) {
      System.out.println("LivePageTest: skipped, no Chromium is on the PATH");
    }
    assumeTrue(installed.isPresent(), "no Chromium is on the PATH");
    Path profile = Files.createDirectory(folder.resolve("profile"));
    try (Served served = new Served(folder, "token = " + Served.TOKEN);
        Browser browser = new Browser(installed.get(), profile)) {
      served.post("/v2/models/tiny/infer", INFER, "Acclimate-Stream", "cam-1");
      browser.show(served.server.uri(), 1200, false);
      browser.await("document.querySelectorAll('#cards .card').length === 1");
      browser.await(
          "document.querySelector('#cards .card svg polyline').getAttribute('points') !== null");
      assertEquals(
          "cam-1", browser.value("document.querySelector('#cards .card h2').textContent").asText());
      assertTrue(
          browser.value("document.querySelector('#cards .card button').disabled").asBoolean());
      String light = browser.value("getComputedStyle(document.body).backgroundColor").asText();
      assertTrue(browser.value("document.getElementById('learning').hidden").asBoolean());
      LearnerEvents.promotion().forEach(served.server.feed()::learner);
      LearnerEvents.refusal().forEach(served.server.feed()::learner);
      browser.await("document.querySelectorAll('#adapters li').length === 4");
      String latest = browser.value("document.querySelector('#adapters li').textContent").asText();
      assertTrue(latest.contains("refused") && latest.contains("lost 0.3000"), latest);
      pause(browser);
      assertTrue(served.runtime.find("cam-1").orElseThrow().stats().frozen());

      browser.show(served.server.uri(), 390, true);
      browser.await("document.querySelectorAll('#cards .card').length === 1");
      browser.await("document.querySelector('#log').children.length === 1");
      String dark = browser.value("getComputedStyle(document.body).backgroundColor").asText();
      assertTrue(!dark.equals(light), dark);
      browser.value("document.getElementById('meaning').open = true");
      assertEquals(390, browser.value("document.documentElement.scrollWidth").asInt());
      assertEverythingIsExplained(browser);
      assertTrue(
          browser.requests().stream()
              .allMatch(
                  url -> url.startsWith(served.server.uri().toString()) || url.startsWith("data:")),
          browser.requests().toString());
      assertEquals("[]", browser.problems().toString());
    }
  }

  /** A person closes a stream, thinks better of it, closes it after all and sees it gone. */
  @Test
  void streamsAreClosedFromThePage() throws Exception {
    Optional<Path> installed = Browser.installed();
    assumeTrue(installed.isPresent(), "no Chromium is on the PATH");
    Path profile = Files.createDirectory(folder.resolve("profile"));
    try (Served served = new Served(folder, "token = " + Served.TOKEN);
        Browser browser = new Browser(installed.get(), profile)) {
      served.post("/v2/models/tiny/infer", INFER, "Acclimate-Stream", "cam-1");
      served.post("/v2/models/tiny/infer", INFER, "Acclimate-Stream", "cam-2");
      browser.show(served.server.uri(), 390, true);
      browser.await("document.querySelectorAll('#cards .card').length === 2");
      String close =
          "document.querySelector('#cards [aria-label=\"stream cam-1\"] .acts').lastChild";
      assertEquals("Close", browser.value(close + ".textContent").asText());
      assertTrue(browser.value(close + ".disabled").asBoolean());
      giveToken(browser);
      browser.value("window.confirm = question => { window.asked = question; return false; }");
      browser.value(close + ".click()");
      String asked = browser.value("window.asked").asText();
      assertEquals("Close stream cam-1 and forget what it has learned?", asked);
      assertEquals(2, served.runtime.streams().size());
      browser.value("window.confirm = () => true");
      browser.value(close + ".click()");
      browser.await("document.getElementById('told').textContent === 'cam-1: closed'");
      browser.await("document.querySelectorAll('#cards .card').length === 1");
      assertEquals("cam-2", text(browser, "#cards .card h2"));
      assertTrue(served.runtime.find("cam-1").isEmpty());
      assertEquals(390, browser.value("document.documentElement.scrollWidth").asInt());
      assertEquals("[]", browser.problems().toString());
    }
  }

  /** A person looks at the versions of the bank and lets the frozen model serve again. */
  @Test
  void adaptersAreRolledBackFromThePage() throws Exception {
    Optional<Path> installed = Browser.installed();
    assumeTrue(installed.isPresent(), "no Chromium is on the PATH");
    Path profile = Files.createDirectory(folder.resolve("profile"));
    try (Served served = Served.learning(folder, "token = " + Served.TOKEN);
        Browser browser = new Browser(installed.get(), profile)) {
      browser.show(served.server.uri(), 1200, false);
      browser.await("!document.getElementById('learning').hidden");
      browser.await("document.querySelectorAll('#versions li').length === 1");
      assertEquals("serves", text(browser, "#versions .badge"));
      Lessons lessons = new Lessons(served);
      lessons.task();
      lessons.awaitTask(1);
      browser.await("document.querySelectorAll('#versions li').length === 2");
      assertTrue(text(browser, "#versions li").contains("learned@1"));
      assertTrue(browser.value("document.querySelector('#versions button').disabled").asBoolean());
      giveToken(browser);
      browser.value("window.confirm = () => true");
      browser.value("document.querySelector('#versions button').click()");
      browser.await("document.getElementById('told').textContent === 'version 0: rolled back'");
      browser.await("document.querySelectorAll('#versions li').length === 3");
      browser.await("document.querySelector('#adapters').textContent.includes('taken back')");
      assertTrue(lessons.infer(0).at("/parameters/adapter").isMissingNode());

      browser.show(served.server.uri(), 390, true);
      browser.await("document.querySelectorAll('#versions li').length === 3");
      assertEquals(390, browser.value("document.documentElement.scrollWidth").asInt());
      assertEquals("[]", browser.problems().toString());
    }
  }

  /** Every figure of a stream's card stands in the list of what the figures mean. */
  private static void assertEverythingIsExplained(Browser browser) throws Exception {
    String meaning =
        browser
            .value("[...document.querySelectorAll('#meaning dt')].map(e => e.textContent).join()")
            .asText();
    String figures =
        browser
            .value(
                "[...document.querySelectorAll('#cards .facts .soft, #cards .chart:not([hidden])"
                    + " p span:first-child')].map(e => e.textContent).join()")
            .asText();
    for (String figure : figures.split(",")) {
      String name = figure.replace(" of late", "").strip();
      boolean plain = List.of("batches", "samples", "nats", "classes answered").contains(name);
      assertTrue(plain || meaning.contains(name), name + " is not in " + meaning);
    }
  }

  private static String text(Browser browser, String selector) throws Exception {
    return browser.value("document.querySelector('" + selector + "').textContent").asText();
  }

  private static void giveToken(Browser browser) throws Exception {
    browser.value("document.getElementById('token').value = '" + Served.TOKEN + "'");
    browser.value("document.querySelector('#token-form button').click()");
    browser.await("!document.querySelector('#cards .card button').disabled");
  }

  private static void pause(Browser browser) throws Exception {
    giveToken(browser);
    browser.value("document.querySelector('#cards .card button').click()");
    browser.await("document.getElementById('told').textContent === 'cam-1: freeze done'");
    browser.await("!document.querySelector('.badge.frozen').hidden");
  }
}
