//go:build js

package main

import (
	"encoding/base64"
	"syscall/js"

	"github.com/seed8935e608/residua/resnet/imageio"
	"github.com/seed8935e608/residua/wasm/jsbridge"
)

// lying is a JPEG file of 2 × 1 pixels whose EXIF orientation, 6, says that it stands: 1 × 2.
const lying = "/9j/4QAiRXhpZgAATU0AKgAAAAgAAQESAAMAAAABAAYAAAAAAAD/2wCEAP//////////////////////////////////////////" +
	"//////////////////////////////////////////8B////////////////////////////////////////////////////////" +
	"///////////////////////////////AAAsIAAEAAgEBEQD/xADSAAABBQEBAQEBAQAAAAAAAAAAAQIDBAUGBwgJCgsQAAIBAwMC" +
	"BAMFBQQEAAABfQECAwAEEQUSITFBBhNRYQcicRQygZGhCCNCscEVUtHwJDNicoIJChYXGBkaJSYnKCkqNDU2Nzg5OkNERUZHSElK" +
	"U1RVVldYWVpjZGVmZ2hpanN0dXZ3eHl6g4SFhoeIiYqSk5SVlpeYmZqio6Slpqeoqaqys7S1tre4ubrCw8TFxsfIycrS09TV1tfY" +
	"2drh4uPk5ebn6Onq8fLz9PX29/j5+v/aAAgBAQAAPwCOv//Z"

// turnsPhotos tells whether the browser's decoder turns photos as their EXIF orientation says. A browser that ignores
// the option does not say so: it has to be tried.
func turnsPhotos() bool {
	file, err := base64.StdEncoding.DecodeString(lying)
	if err != nil {
		panic(err)
	}
	blob := js.Global().Get("Blob").New([]any{jsbridge.TypedArray(file)}, map[string]any{"type": "image/jpeg"})
	bitmap, err := bitmapOf(blob, fileOptions)
	if err != nil {
		return true // it does not read this one: nothing is known
	}
	defer bitmap.Call("close")
	return bitmap.Get("height").Int() == 2
}

// turned gives a photo upright whose EXIF orientation is o, and which the browser has left as it lies. It takes the
// bitmap.
func turned(bitmap js.Value, o int) js.Value {
	w, h := bitmap.Get("width").Int(), bitmap.Get("height").Int()
	// Where a point of the photo comes to lie: x' = a·x + c·y + e, y' = b·x + d·y + f.
	m, ok := map[int][6]int{
		2: {-1, 0, 0, 1, w, 0},  // mirrored
		3: {-1, 0, 0, -1, w, h}, // upside down
		4: {1, 0, 0, -1, 0, h},  // mirrored and upside down
		5: {0, 1, 1, 0, 0, 0},   // mirrored, then a quarter turn against the clock
		6: {0, 1, -1, 0, h, 0},  // to be turned a quarter with the clock
		7: {0, -1, -1, 0, h, w}, // mirrored, then a quarter turn with the clock
		8: {0, -1, 1, 0, 0, w},  // to be turned a quarter against the clock
	}[o]
	if !ok {
		return bitmap
	}
	defer bitmap.Call("close")
	if o >= 5 {
		w, h = h, w
	}
	canvas := js.Global().Get("OffscreenCanvas").New(w, h)
	context := canvas.Call("getContext", "2d")
	context.Call("setTransform", m[0], m[1], m[2], m[3], m[4], m[5])
	context.Call("drawImage", bitmap, 0, 0)
	return canvas.Call("transferToImageBitmap")
}

// upright turns a decoded file where the browser's decoder does not.
func (c *canvas) upright(bitmap js.Value, file []byte, format imageio.Format) js.Value {
	if format != imageio.JPEG { // cameras write these
		return bitmap
	}
	o := imageio.Orientation(file)
	if o == 1 {
		return bitmap
	}
	if !c.tried {
		c.tried, c.turns = true, turnsPhotos()
	}
	if c.turns {
		return bitmap
	}
	return turned(bitmap, o)
}
