package weights

import "fmt"

// SizeError is the error for a file that has more or fewer bytes than its own contents say: a download that broke off,
// or something behind the end.
type SizeError struct {
	Size int64 // of the file, in bytes
	Want int64 // what the contents say; at least so many if Size is less
	// InHeader: the file ends before the list of its tensors does, so that Want is only where that list ends.
	InHeader bool
}

func (e *SizeError) Error() string {
	switch {
	case e.InHeader:
		return fmt.Sprintf("weights: the file is cut short: its header alone has %d bytes, %d are there", e.Want, e.Size)
	case e.Size < e.Want:
		return fmt.Sprintf("weights: the file is cut short: %d of %d bytes are there", e.Size, e.Want)
	}
	return fmt.Sprintf("weights: %d bytes after the last tensor belong to no tensor", e.Size-e.Want)
}
