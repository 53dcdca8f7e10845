// A device's page shows what is true after each answer.
"use strict";
document.addEventListener("wedge:answered", (event) => {
  if (event.detail.ok) setTimeout(() => location.reload(), 700);
});
