import { faulty, SECRET, tool } from "./_parts.mjs";

export default faulty("afterwards", {
  throw_from_timer: tool(() => {
    setTimeout(() => {
      throw new Error(SECRET);
    }, 50);
    return "all is well";
  }),
  reject_unhandled: tool(() => {
    setTimeout(() => void Promise.reject(new Error(SECRET)), 50);
    return "all is well";
  }),
});
