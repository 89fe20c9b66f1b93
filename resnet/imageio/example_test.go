//go:build !js

package imageio_test

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/png"
	"strings"

	"github.com/seed8935e608/residua/resnet/imageio"
)

// keras is the preparation for the Keras ResNets: bytes in the order BGR, minus a mean.
var keras = imageio.Spec{
	ShortSide: 256, Size: 224, Order: imageio.BGR, Rescale: 1,
	Mean: [3]float32{103.939, 116.779, 123.68}, Std: [3]float32{1, 1, 1},
}

func ExampleLoad() {
	var file bytes.Buffer
	if err := png.Encode(&file, image.NewRGBA(image.Rect(0, 0, 400, 300))); err != nil {
		panic(err)
	}
	x, err := imageio.Load(file.Bytes(), keras)
	// The picture is transparent, so it becomes white: 255 minus the mean of blue.
	fmt.Println(len(x), x[0], err)
	// Output: 150528 151.061 <nil>
}

// A refused file gives a sentence for people and a code for programs.
func ExampleError() {
	_, err := imageio.Load([]byte("Hello, this is a text.\n"), keras)
	var refusal *imageio.Error
	if errors.As(err, &refusal) {
		fmt.Println(refusal.Code, refusal.Details)
		cause, cure, _ := strings.Cut(refusal.Message, ". ")
		fmt.Println(cause)
		fmt.Println(cure)
	}
	// Output: not-an-image map[bytes:48 65 6c 6c why:text]
	// This is a text, not a picture in a known format: the file begins with the bytes 48 65 6c 6c
	// Choose a JPEG, PNG, GIF, WebP or BMP file.
}

// A picture that does not fit the memory is resized in strips.
func ExampleCropResizer() {
	const width, height = 6000, 4000
	r := imageio.NewCropResizer(width, height, 256, 224)
	x0, x1, y0, y1 := r.Source()
	fmt.Printf("columns %d to %d of rows %d to %d\n", x0, x1, y0, y1)
	row := bytes.Repeat([]byte{200, 100, 50, 255}, x1-x0)
	for y := y0; y < y1; y++ {
		r.Rows(y, row, 1) // here a decoder would give one row after the other
	}
	rgb := make([]byte, 224*224*3)
	r.Finish(rgb)
	fmt.Println(rgb[:3])
	// Output:
	// columns 1242 to 4758 of rows 242 to 3758
	// [200 100 50]
}
