# cairn.gdb - a program in Cairn under gdb, as cairn-run --gdb starts it
#
# The machine is what gdb debugs, and there is but one program.  When a signal
# ends it, the kernel calls signal_ends_program, whose address is $cairn_end:
# there the registers are set to the program's own, so that gdb shows it as it
# was.  Whatever goes on from there puts the kernel's back first, as they are
# after that function, which does nothing.

set confirm off
set $cairn_dead = 0

define cairn_restore
    if $cairn_dead
        set $cairn_dead = 0
        select-frame 0
        set $eax = $cairn_eax
        set $ecx = $cairn_ecx
        set $edx = $cairn_edx
        set $ebx = $cairn_ebx
        set $ebp = $cairn_ebp
        set $esi = $cairn_esi
        set $edi = $cairn_edi
        set $eip = *(unsigned int *)$cairn_esp
        set $esp = $cairn_esp + 4
    end
end
document cairn_restore
Put the kernel's registers back, to go on after the program's end.
end

define hook-continue
    cairn_restore
end
define hook-step
    cairn_restore
end
define hook-next
    cairn_restore
end
define hook-stepi
    cairn_restore
end
define hook-nexti
    cairn_restore
end
define hook-finish
    cairn_restore
end
define hook-until
    cairn_restore
end
define hook-detach
    cairn_restore
end
define hook-quit
    cairn_restore
end

# EAX and EDX have the arguments: a struct trapframe (kernel/arch/i386/trap.h),
# which says where the program was, and a name.
define cairn_show
    set $cairn_eax = $eax
    set $cairn_ecx = $ecx
    set $cairn_edx = $edx
    set $cairn_ebx = $ebx
    set $cairn_ebp = $ebp
    set $cairn_esi = $esi
    set $cairn_edi = $edi
    set $cairn_esp = $esp
    set $cairn_tf = (unsigned int *)$eax
    set $cairn_name = (char *)$edx
    set $edi = $cairn_tf[0]
    set $esi = $cairn_tf[1]
    set $ebp = $cairn_tf[2]
    set $ebx = $cairn_tf[4]
    set $edx = $cairn_tf[5]
    set $ecx = $cairn_tf[6]
    set $eax = $cairn_tf[7]
    set $esp = $cairn_tf[17]
    set $eip = $cairn_tf[14]
    set $cairn_dead = 1
    printf "\nProgram terminated with signal %s.\n", $cairn_name
    frame 0
end
document cairn_show
Show the program that a signal is about to end.
end

break *$cairn_end
commands
    silent
    cairn_show
end
