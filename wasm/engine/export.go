//go:build js

package main

import (
	"fmt"

	"github.com/seed8935e608/residua/resnet/onnx"
	"github.com/seed8935e608/residua/wasm/proto"
	"github.com/seed8935e608/residua/weights"
)

// chunkBytes is the size of the pieces in which a file goes to the page, so that Go's memory never holds all of it.
const chunkBytes = 4 << 20

// chunks posts what is written to it to the page, piece by piece.
type chunks struct {
	id   int
	full []byte
	sent int64
}

func (c *chunks) Write(b []byte) (int, error) {
	c.full = append(c.full, b...)
	if len(c.full) >= chunkBytes {
		c.flush()
	}
	return len(b), nil
}

func (c *chunks) flush() {
	c.sent += int64(len(c.full))
	post(c.id, proto.KindProgress, proto.Exported{Bytes: c.sent}, buffers{"chunk": c.full})
	c.full = c.full[:0]
}

// export writes the whole network in use, for other programs.
func (e *engine) export(r request, args proto.Export) (proto.Exported, error) {
	if e.taught.Taught == nil {
		return proto.Exported{}, errNothingTaught
	}
	network, err := e.taught.Network(e.model)
	if err != nil {
		return proto.Exported{}, badArgument(err.Error())
	}
	return sendNetwork(r, network, args.Format)
}

// sendNetwork writes a network for other programs, in pieces.
func sendNetwork(r request, network *weights.File, format proto.Format) (proto.Exported, error) {
	c := &chunks{id: r.id}
	var err error
	switch format {
	case proto.FormatONNX:
		err = onnx.Export(c, network)
	case proto.FormatSafetensors:
		err = network.Write(c)
	default:
		err = badArgument(fmt.Sprintf("there is no format %q", format))
	}
	if err != nil {
		return proto.Exported{}, err
	}
	c.flush()
	return proto.Exported{Bytes: c.sent}, nil
}
