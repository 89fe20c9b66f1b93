package kernel

import (
	"reflect"
	"testing"

	"github.com/seed8935e608/residua/resnet/kernel/layout"
)

// TestLayout: a field of a job begins where the one before it ends, a pointer has 8 bytes, and any other value 4. This
// test runs natively, where gen takes the fields' offsets, and under js/wasm, where the fields are set. As both give
// the same sizes, both have the same offsets.
func TestLayout(t *testing.T) {
	for _, job := range []any{
		layout.Conv{}, layout.Pool{}, layout.Winograd{}, layout.Pack{}, layout.Transpose{}, layout.Columns{},
		layout.Flat{}, layout.Quantise{}, layout.WinogradPictures{}, layout.WinogradFilter{},
		layout.WinogradSlices{}, layout.WinogradLast{},
	} {
		typ := reflect.TypeOf(job)
		var end uintptr
		for _, field := range reflect.VisibleFields(typ) {
			if field.Anonymous {
				continue // its own fields follow
			}
			size := uintptr(4)
			if field.Type.Kind() == reflect.UnsafePointer {
				size = 8
			}
			if field.Type.Kind() == reflect.Array {
				size *= uintptr(field.Type.Len())
			}
			if field.Offset != end || field.Type.Size() != size {
				t.Errorf("%v.%s has %d bytes at %d, want %d at %d",
					typ, field.Name, field.Type.Size(), field.Offset, size, end)
			}
			end += size
		}
	}
	for typ, want := range map[reflect.Type]uintptr{
		reflect.TypeFor[layout.Int8Head]():      4 * (8 + 8 + 1 + 3),
		reflect.TypeFor[layout.WinogradSpace](): 2 * reflect.TypeFor[layout.Winograd]().Size(),
		// A cache line, so that scratch memory does not share it.
		reflect.TypeFor[layout.Control](): 64,
	} {
		if typ.Size() != want {
			t.Errorf("%v has %d bytes, want %d", typ, typ.Size(), want)
		}
	}
}

// TestConvKind: every kernel of a convolution is found by what it multiplies and the rows of its tiles.
func TestConvKind(t *testing.T) {
	convolutions := 0
	for i, k := range layout.Kernels {
		if k.Operands == layout.None {
			continue
		}
		convolutions++
		if got, ok := layout.ConvKind(k.Operands, k.Rows); !ok || got != layout.Kind(i) {
			t.Errorf("%s is kind %d, and found is %d, %v", k.Name, i, got, ok)
		}
	}
	if convolutions != 15 {
		t.Errorf("%d kernels of convolutions, want 15", convolutions)
	}
	if _, ok := layout.ConvKind(layout.Pairs, 6); ok {
		t.Error("there is no kernel by pairs with tiles of 6 rows")
	}
}
