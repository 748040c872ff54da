// Keys go to the app from its first frame on, without a click.
new MutationObserver((_, watcher) => {
  const keys = document.querySelector(".xterm-helper-textarea");
  if (keys && document.body.classList.contains("-first-byte")) {
    keys.focus();
    watcher.disconnect();
  }
}).observe(document.body, { attributes: true, childList: true, subtree: true });
