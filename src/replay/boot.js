// Plays the events that stand at the end of the page. A recording is data here: it is parsed as JSON and handed to rrweb's
// player, which shows it in a frame without scripts; the page's policy keeps both off the network.
(() => {
  const CONTROLS = 80; // pixels that the player's bar takes
  const note = document.getElementById('note');

  function events() {
    const text = document.getElementById('events').textContent;
    let list;
    try {
      list = JSON.parse(text);
    } catch {
      throw new Error('This file is cut short: the recording in it has no end.');
    }
    if (!list.some((e) => e.type === 2))
      throw new Error('There is nothing to show: the recording has no picture of a page.');
    if (list.length < 2)
      throw new Error('There is nothing to play: the recording has one event only.');
    return list;
  }

  function play() {
    const size = () => ({ width: innerWidth, height: Math.max(innerHeight - CONTROLS, 200) });
    try {
      const player = new rrwebPlayer.Player({
        target: document.getElementById('player'),
        props: { events: events(), autoPlay: false, showWarning: false, ...size() },
      });
      note.hidden = true;
      addEventListener('resize', () => {
        player.$set(size());
        player.triggerResize();
      });
    } catch (e) {
      note.textContent = e.message;
    }
  }

  addEventListener('DOMContentLoaded', play);
})();
