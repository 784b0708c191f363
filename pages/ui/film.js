// A player; built here because Streamlit's own has no poster.
export default function ({ data, parentElement }) {
  let video = parentElement.querySelector('video');
  if (!video) {
    video = document.createElement('video');
    Object.assign(video, { controls: true, muted: true, loop: true, playsInline: true, className: 'sm-film' });
    video.style.cssText = 'display:block;width:100%;max-width:40rem;border-radius:.5rem';
    parentElement.append(video);
  }
  video.setAttribute('aria-label', data.label);
  if (video.poster !== data.poster) video.poster = data.poster;
  if (video.src !== data.src) video.src = data.src;
}
